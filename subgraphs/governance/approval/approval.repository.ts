import type { Prisma, PrismaClient } from '../../../platform/database/generated/client.js';
import type { Existing } from '../../../platform/eventStore/aggregate.js';
import { toExisting } from '../../../platform/eventStore/entityRow.js';
import type { Principal } from '../../../platform/identity/principal.js';
import { visibleApprovals } from './approval.access.js';
import type { ApprovalState } from './approval.js';

/** Null where a condition is not given. All that are given must hold. */
export type ApprovalConditions = {
  status?: string | null | undefined;
  projectId?: string | null | undefined;
  action?: string | null | undefined;
  requestedBy?: string | null | undefined;
  targetId?: string | null | undefined;
};

/** The read side of approvals. Rows are written only by approval.projection.ts. */
export function createApprovalRepository(prisma: Pick<PrismaClient, 'approvalRequest'>) {
  const read = async (query: Prisma.ApprovalRequestFindManyArgs): Promise<Existing<ApprovalState>[]> =>
    (await prisma.approvalRequest.findMany(query)).map((row) => toExisting(row));

  return {
    findByIds: (ids: readonly string[]) => read({ where: { id: { in: [...ids] } } }),

    /** What was asked for the things with these ids; each thing has one at most. */
    findByTargets: (targetIds: readonly string[]) => read({ where: { targetId: { in: [...targetIds] } } }),

    /** What the viewer may see, newest first. `after` is the id of the last one of the page before. */
    page: (
      viewer: Principal,
      conditions: ApprovalConditions,
      { take, after }: { take: number; after: string | null },
    ) => {
      const older = after === null ? [] : [{ id: { lt: after } }];
      const AND = [visibleApprovals(viewer), matching(conditions), ...older];
      return read({ where: { AND }, orderBy: { id: 'desc' }, take });
    },

    count: (viewer: Principal, conditions: ApprovalConditions): Promise<number> =>
      prisma.approvalRequest.count({ where: { AND: [visibleApprovals(viewer), matching(conditions)] } }),
  };
}

export type ApprovalRepository = ReturnType<typeof createApprovalRepository>;

const matching = (conditions: ApprovalConditions): Prisma.ApprovalRequestWhereInput => {
  const { status, projectId, action, requestedBy, targetId } = conditions;
  return {
    ...(status != null && { status }),
    ...(projectId != null && { projectId }),
    ...(action != null && { action }),
    ...(requestedBy != null && { requestedById: requestedBy }),
    ...(targetId != null && { targetId }),
  };
};
