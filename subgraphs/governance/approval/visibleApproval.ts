import type { Context } from '../context.js';
import { canSee } from './approval.access.js';
import { approvalAggregate } from './approval.projection.js';
import { type ApprovalRequest, toApproval } from './approval.type.js';

/** The one door to an approval, now or as it was then. What the viewer may not see is not there. */
export async function visibleApproval(
  id: string,
  context: Context,
  asOf: Date | null = null,
): Promise<ApprovalRequest | null> {
  const { loaders, principal, store } = context;
  await context.approvalsAreCurrent();
  const approval = await loaders.approval.load(id);
  if (!approval || !canSee(principal, approval.state)) return null;
  if (!asOf) return toApproval(approval);
  const { state, ...past } = await store.load(approvalAggregate, id, { until: asOf.toISOString() });
  return state && toApproval({ ...past, state });
}
