import type { Database } from '../../../platform/database/database.js';
import type { DesiredInstance, DesiredProject, DesiredState, Presence } from '../kubernetes/desired.js';
import { createDesiredWorkloads } from '../workload/desiredWorkloads.repository.js';
import type { InstanceState } from './instance.js';
import { wantsPod } from './instance.js';
import type { InstancePhase } from './instance.transitions.js';

type Row = { id: string; projectKey: string; state: InstanceState };

/** What a cluster should hold, by the read model. */
export function createDesiredState(database: Database, clusterId: string): DesiredState {
  const { prisma } = database;
  return {
    ...createDesiredWorkloads(database, clusterId),

    projects: () => prisma.$queryRaw<DesiredProject[]>`
      SELECT p.id, p.key, coalesce(sum(q.nominal), 0)::int AS "gpusNominal"
      FROM resources.project_node p LEFT JOIN resources.quota_limit q ON q.project_id = p.id
      GROUP BY p.id, p.key ORDER BY p.id`,

    async instances() {
      const rows = await prisma.$queryRaw<Row[]>`
        SELECT i.id, p.key AS "projectKey", i.state
        FROM resources.instance i JOIN resources.project_node p ON p.id = i.project_id
        WHERE i.state -> 'placement' ->> 'clusterId' = ${clusterId}
          AND (i.phase NOT IN ('TERMINATED', 'FAILED')
            OR EXISTS (SELECT FROM resources.allocation a WHERE a.owner_id = i.id AND a.closed_at IS NULL))
        ORDER BY i.id`;
      return rows.map(toDesired);
    },

    async ended(instanceIds) {
      const rows = await prisma.instance.findMany({
        where: { id: { in: [...instanceIds] }, phase: { in: ['TERMINATED', 'FAILED'] } },
        select: { id: true },
      });
      return new Set(rows.map(({ id }) => id));
    },
  };
}

const toDesired = ({ id, projectKey, state }: Row): DesiredInstance => {
  const presence = presenceOf(state.phase);
  return {
    id,
    projectId: state.projectId,
    projectKey,
    spec: state.spec,
    presence,
    gpuModelId: state.placement?.gpuModelId ?? null,
    nodeName: presence === 'RUNNING' ? nodeNameOf(state) : null,
  };
};

function presenceOf(phase: InstancePhase): Presence {
  if (wantsPod({ phase })) return 'RUNNING';
  return phase === 'STOPPING' || phase === 'STOPPED' ? 'KEPT' : 'GONE';
}

/** A node's id is its cluster's and its name. */
const nodeNameOf = ({ placement }: InstanceState): string | null =>
  placement && placement.nodeId.slice(placement.clusterId.length + 1);
