import type { Database } from '../../../platform/database/database.js';
import type { Existing } from '../../../platform/eventStore/aggregate.js';
import { toExisting } from '../../../platform/eventStore/entityRow.js';
import type { WorkloadState } from './workload.js';
import { FINAL_PHASES } from './workload.transitions.js';

export type WorkloadRepository = ReturnType<typeof createWorkloadRepository>;

/** The read side of workloads. Rows are written only by workload.projection.ts. */
export function createWorkloadRepository({ workload }: Pick<Database['prisma'], 'workload'>) {
  return {
    async find(id: string): Promise<Existing<WorkloadState> | null> {
      const row = await workload.findUnique({ where: { id } });
      return row && toExisting(row);
    },

    /** The ids of an owner's workloads that are not over yet, the oldest attempt first. */
    async unfinishedOf(ownerId: string): Promise<string[]> {
      const rows = await workload.findMany({
        where: { ownerId, phase: { notIn: [...FINAL_PHASES] } },
        orderBy: { attempt: 'asc' },
        select: { id: true },
      });
      return rows.map(({ id }) => id);
    },

    /** Of each deployment that devices were asked for. */
    ofDeployments: (ownerIds: readonly string[]) =>
      workload.findMany({
        where: { ownerId: { in: [...ownerIds] }, ownerKind: 'DEPLOYMENT' },
        select: { ownerId: true, projectId: true },
      }),

    /** What the owners call themselves; those that never got anything are left out. */
    namesOfOwners: (ownerIds: readonly string[]) =>
      workload.findMany({
        where: { ownerId: { in: [...ownerIds] }, name: { not: null } },
        distinct: ['ownerId'],
        select: { ownerId: true, name: true },
      }),
  };
}
