import DataLoader from 'dataloader';
import type { Existing } from '../../../platform/eventStore/aggregate.js';
import type { ApprovalRepository } from './approval.repository.js';
import type { ApprovalState } from './approval.js';

/** One per request: what many things were asked to be approved for costs one query. */
export const createApprovalOfTargetLoader = (approvals: Pick<ApprovalRepository, 'findByTargets'>) =>
  new DataLoader<string, Existing<ApprovalState> | null>(async (targetIds) => {
    const found = await approvals.findByTargets(targetIds);
    const byTarget = new Map(found.map((approval) => [approval.state.ask.target.id, approval]));
    return targetIds.map((id) => byTarget.get(id) ?? null);
  });
