import type { Permission } from '../../contracts/permissions.js';
import type { AvailableAction } from '../../platform/graphql/values.type.js';
import { may, type Principal } from '../../platform/identity/principal.js';

/** A command that any state allows, to whoever has the right. */
export function actionByRight(
  action: string,
  permission: Permission,
  { viewer, projectId }: { viewer: Principal; projectId: string | null },
): AvailableAction {
  const allowed = may(viewer, permission, projectId);
  const reason = allowed ? null : `You do not have the right ${permission} here.`;
  return { action, allowed, reason, resultingState: null };
}

/** How every owned thing describes its field of that name. */
export const AVAILABLE_ACTIONS = {
  description: 'The commands on it, and whether its state and your rights allow them now.',
};
