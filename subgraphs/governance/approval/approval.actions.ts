import type { AvailableAction } from '../../../platform/graphql/values.type.js';
import type { Principal } from '../../../platform/identity/principal.js';
import { hasDecidingRight, isOwn } from './approval.access.js';
import type { ApprovalState } from './approval.js';
import {
  allowedCommands,
  APPROVAL_COMMANDS,
  type ApprovalCommandName,
  COMMANDS,
} from './approval.transitions.js';

/** Every command on a request, and whether its status, who asked and the viewer's rights allow it now. */
export const availableActions = (approval: ApprovalState, viewer: Principal): AvailableAction[] =>
  APPROVAL_COMMANDS.map((action) => {
    const reason = objection(action, approval, viewer);
    const allowed = reason === null;
    return { action, allowed, reason, resultingState: allowed ? COMMANDS[action] : null };
  });

function objection(action: ApprovalCommandName, approval: ApprovalState, viewer: Principal): string | null {
  const own = isOwn(viewer, approval);
  if (action === 'withdrawApproval' && !own) return 'Somebody else asked for it.';
  if (action === 'decideApproval') {
    if (!hasDecidingRight(viewer, approval)) return 'You do not have the right to decide it.';
    if (own) return 'You asked for it yourself.';
  }
  return allowedCommands(approval.status).includes(action) ? null : `It is ${approval.status}.`;
}
