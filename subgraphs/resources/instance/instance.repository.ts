import type { Database } from '../../../platform/database/database.js';
import type { Existing } from '../../../platform/eventStore/aggregate.js';
import { toExisting } from '../../../platform/eventStore/entityRow.js';
import type { InstanceState } from './instance.js';

type Instance = Existing<InstanceState>;

export type InstanceRepository = ReturnType<typeof createInstanceRepository>;

/** The read side of instances. Rows are written only by instance.projection.ts. */
export function createInstanceRepository({ instance }: Pick<Database['prisma'], 'instance'>) {
  const toEntity = (row: Parameters<typeof toExisting>[0]) => toExisting<InstanceState>(row);
  return {
    async find(id: string): Promise<Instance | null> {
      const row = await instance.findUnique({ where: { id } });
      return row && toEntity(row);
    },

    findByIds: async (ids: readonly string[]): Promise<Instance[]> =>
      (await instance.findMany({ where: { id: { in: [...ids] } } })).map(toEntity),

    /** Newest first. `after` is the id of the last instance of the page before. */
    async page(
      projectId: string,
      { take, after }: { take: number; after: string | null },
    ): Promise<Instance[]> {
      const rows = await instance.findMany({
        where: { projectId, ...(after !== null && { id: { lt: after } }) },
        orderBy: { id: 'desc' },
        take,
      });
      return rows.map(toEntity);
    },

    count: (projectId: string): Promise<number> => instance.count({ where: { projectId } }),
  };
}
