import type { PrismaClient } from '../../../platform/database/generated/client.js';
import type { Existing } from '../../../platform/eventStore/aggregate.js';
import { toExisting } from '../../../platform/eventStore/entityRow.js';
import type { ProjectState } from './project.js';

/** Which projects somebody may see: all, or the named ones. */
export type ProjectScope = 'ALL' | readonly string[];

/** The read side of projects. Rows are written only by project.projection.ts. */
export function createProjectRepository(prisma: Pick<PrismaClient, 'project'>) {
  const within = (scope: ProjectScope) => (scope === 'ALL' ? {} : { id: { in: [...scope] } });
  return {
    findByIds: async (ids: readonly string[]): Promise<Existing<ProjectState>[]> =>
      (await prisma.project.findMany({ where: { id: { in: [...ids] } } })).map((row) => toExisting(row)),

    async findByKey(key: string): Promise<Existing<ProjectState> | null> {
      const row = await prisma.project.findFirst({ where: { key } });
      return row && toExisting(row);
    },

    /** By key. `after` is the key of the last project of the page before. */
    page: async (
      scope: ProjectScope,
      { take, after }: { take: number; after: string | null },
    ): Promise<Existing<ProjectState>[]> => {
      const where = { ...within(scope), ...(after !== null && { key: { gt: after } }) };
      const rows = await prisma.project.findMany({ where, orderBy: { key: 'asc' }, take });
      return rows.map((row) => toExisting(row));
    },

    count: (scope: ProjectScope): Promise<number> => prisma.project.count({ where: within(scope) }),
  };
}

export type ProjectRepository = ReturnType<typeof createProjectRepository>;
