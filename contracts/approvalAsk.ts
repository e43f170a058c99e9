import type { ApprovalAsk } from './approval.js';
import type { Plan } from './plan.js';
import type { ApprovalPolicy } from './policy.js';

/** The question about a plan that matches a rule. `approvalId` is `approval_<ulid>`, made by whoever asks. */
export function approvalAsk(
  about: Pick<ApprovalAsk, 'approvalId' | 'action' | 'target' | 'reason'>,
  plan: Pick<Plan, 'planHash' | 'approvalsNeeded' | 'estimate' | 'quotaEffect'>,
  policy: Pick<ApprovalPolicy, 'version' | 'ttlSeconds'>,
  now: Date,
): ApprovalAsk {
  const { planHash, approvalsNeeded, estimate, quotaEffect } = plan;
  return {
    ...about,
    planHash,
    policyVersion: policy.version,
    rules: approvalsNeeded.map(({ rule, reason }) => ({ rule, reason })),
    estimate: estimate && {
      perHour: estimate.perHour.amount,
      total: estimate.total?.amount ?? null,
      currency: estimate.perHour.currency,
      priceBookVersion: estimate.priceBookVersion,
    },
    quota: quotaEffect.map((effect) => ({ ...effect })),
    expiresAt: new Date(now.getTime() + policy.ttlSeconds * 1_000).toISOString(),
  };
}
