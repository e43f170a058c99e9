import type { PrismaClient } from '../../../platform/database/generated/client.js';
import type { Existing } from '../../../platform/eventStore/aggregate.js';
import { toExisting } from '../../../platform/eventStore/entityRow.js';
import type { QuotaState } from './quota.js';

/** The read side of quotas. Rows are written only by quota.projection.ts. */
export function createQuotaRepository(prisma: Pick<PrismaClient, 'quota'>) {
  return {
    findByIds: async (ids: readonly string[]): Promise<Existing<QuotaState>[]> =>
      (await prisma.quota.findMany({ where: { id: { in: [...ids] } } })).map((row) => toExisting(row)),

    /** Of all these projects, by GPU model. */
    findByProjects: async (projectIds: readonly string[]): Promise<Existing<QuotaState>[]> => {
      const where = { projectId: { in: [...projectIds] } };
      const rows = await prisma.quota.findMany({ where, orderBy: { gpuModelId: 'asc' } });
      return rows.map((row) => toExisting(row));
    },
  };
}

export type QuotaRepository = ReturnType<typeof createQuotaRepository>;
