import type { ApprovalAction } from '../../../contracts/approval.js';
import type { Permission } from '../../../contracts/permissions.js';
import { APPROVAL_POLICY } from '../../../contracts/policy.js';
import type { Prisma } from '../../../platform/database/generated/client.js';
import { may, type Principal, projectsWith } from '../../../platform/identity/principal.js';
import type { ApprovalState } from './approval.js';

/** Any of these in the project shows its requests; so does the right to decide one. */
const SEEING: readonly Permission[] = ['contents:read', 'trail:read'];
/** Who asked sees it as long as they may know of the project. */
const ASKING: Permission = 'project:read';

const ACTIONS: readonly ApprovalAction[] = ['REQUEST_INSTANCE', 'SUBMIT_JOB', 'CREATE_DEPLOYMENT'];

/** The rights of which each lets somebody decide, as the policy says. */
export const decidingRights = (action: ApprovalAction): readonly Permission[] => [
  ...new Set(APPROVAL_POLICY.steps.flatMap(({ deciders }) => deciders[action])),
];

/** Whether they have a right to decide it. Their own they may not, whatever their rights. */
export const hasDecidingRight = (viewer: Principal, { projectId, ask }: ApprovalState): boolean =>
  decidingRights(ask.action).some((permission) => may(viewer, permission, projectId));

export const isOwn = (viewer: Principal, { requestedBy }: ApprovalState): boolean =>
  requestedBy.id === viewer.id;

export const canSee = (viewer: Principal, approval: ApprovalState): boolean =>
  SEEING.some((permission) => may(viewer, permission, approval.projectId)) ||
  hasDecidingRight(viewer, approval) ||
  (isOwn(viewer, approval) && may(viewer, ASKING, approval.projectId));

/** Who may decide a request sees what it costs, and not always what it is called. */
export const seesName = (viewer: Principal, approval: ApprovalState): boolean =>
  isOwn(viewer, approval) ||
  may(viewer, 'contents:read', approval.projectId) ||
  (approval.ask.action === 'CREATE_DEPLOYMENT' && may(viewer, 'model:read', approval.projectId));

/** What `canSee` says, for lists and counts. An empty condition in an OR would be left out, and match nothing. */
export function visibleApprovals(viewer: Principal): Prisma.ApprovalRequestWhereInput {
  if (SEEING.some((permission) => may(viewer, permission))) return {};
  const within = (permission: Permission): Prisma.ApprovalRequestWhereInput => {
    const projects = projectsWith(viewer, permission);
    return projects === 'ALL' ? {} : { projectId: { in: projects } };
  };
  return {
    OR: [
      ...SEEING.map(within),
      ...ACTIONS.flatMap((action) =>
        decidingRights(action).map((permission) => ({ action, ...within(permission) })),
      ),
      { requestedById: viewer.id, ...within(ASKING) },
    ],
  };
}
