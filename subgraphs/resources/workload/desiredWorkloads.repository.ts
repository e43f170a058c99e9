import type { Database } from '../../../platform/database/database.js';
import type { DesiredShare, DesiredState, DesiredWorkload } from '../kubernetes/desired.js';
import type { WorkloadBody, WorkloadState } from './workload.js';
import { wantsPods } from './workload.transitions.js';

type Row = { id: string; projectKey: string; state: WorkloadState };

/** The workloads that a cluster should hold, by the read model. */
export function createDesiredWorkloads(
  { prisma }: Database,
  clusterId: string,
): Pick<DesiredState, 'workloads' | 'cleared'> {
  return {
    async workloads() {
      const rows = await prisma.$queryRaw<Row[]>`
        SELECT w.id, p.key AS "projectKey", w.state
        FROM resources.workload w JOIN resources.project_node p ON p.id = w.project_id
        WHERE w.cluster_id = ${clusterId} AND w.phase NOT IN ('CLEARED', 'REFUSED')
        ORDER BY w.id`;
      return rows.map(toDesired).filter((workload) => workload !== null);
    },

    async cleared(workloadIds) {
      const rows = await prisma.workload.findMany({
        where: { id: { in: [...workloadIds] }, phase: 'CLEARED' },
        select: { id: true },
      });
      return new Set(rows.map(({ id }) => id));
    },
  };
}

function toDesired({ id, projectKey, state }: Row): DesiredWorkload | null {
  const { owner, attempt, projectId, phase, body, uid, startedAt, replicas, end } = state;
  if (!body) return null;
  const common = {
    id,
    ownerId: owner.id,
    attempt,
    projectId,
    projectKey,
    gpuModelId: body.gpuModelId,
    shares: sharesOf(body),
    presence: wantsPods(phase) ? ('RUNNING' as const) : ('GONE' as const),
    created: uid !== null,
    ran: startedAt !== null,
    replicas,
    endedAt: end?.endedAt ?? null,
  };
  if (body.job) return { ...common, kind: 'JOB', ...body.job };
  return body.deployment && { ...common, kind: 'DEPLOYMENT', spec: body.deployment };
}

/** A node's id is its cluster's and its name. */
const sharesOf = ({ clusterId, shares }: WorkloadBody): DesiredShare[] =>
  shares.map(({ nodeId, pods, gpusPerPod }) => ({
    nodeName: nodeId.slice(clusterId.length + 1),
    pods,
    gpusPerPod,
  }));
