import type { PrismaClient } from '../../../platform/database/generated/client.js';
import type { Existing } from '../../../platform/eventStore/aggregate.js';
import { toExisting } from '../../../platform/eventStore/entityRow.js';
import type { Grant } from '../role/rights.js';
import type { RoleBindingState } from './roleBinding.js';

/** The read side of role bindings. Rows are written only by roleBinding.projection.ts. */
export function createRoleBindingRepository(prisma: Pick<PrismaClient, 'roleBinding' | '$queryRaw'>) {
  const live = (projectId: string | null) => ({ projectId, revokedAt: null });
  return {
    findByIds: async (ids: readonly string[]): Promise<Existing<RoleBindingState>[]> =>
      (await prisma.roleBinding.findMany({ where: { id: { in: [...ids] } } })).map((row) => toExisting(row)),

    /** Those of a project itself, or of the organisation, that were not revoked; oldest first. */
    page: async (
      projectId: string | null,
      { take, after }: { take: number; after: string | null },
    ): Promise<Existing<RoleBindingState>[]> => {
      const where = { ...live(projectId), ...(after !== null && { id: { gt: after } }) };
      const rows = await prisma.roleBinding.findMany({ where, orderBy: { id: 'asc' }, take });
      return rows.map((row) => toExisting(row));
    },

    count: (projectId: string | null): Promise<number> =>
      prisma.roleBinding.count({ where: live(projectId) }),

    /**
     * The roles that a user holds now, by the database's clock, in every project that they reach down to. UNION leaves
     * out what was seen, so that even a tree with a cycle would come to an end.
     */
    grantsOf: (userId: string): Promise<Grant[]> => prisma.$queryRaw<Grant[]>`
      WITH RECURSIVE reach (role, project_id) AS (
        SELECT role, project_id FROM governance.role_binding
        WHERE user_id = ${userId} AND revoked_at IS NULL AND (expires_at IS NULL OR expires_at > clock_timestamp())
        UNION
        SELECT reach.role, below.id FROM reach JOIN governance.project AS below ON below.parent_id = reach.project_id
      )
      SELECT role, project_id AS "projectId" FROM reach`,
  };
}

export type RoleBindingRepository = ReturnType<typeof createRoleBindingRepository>;
