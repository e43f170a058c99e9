import type { ApprovalAsk } from './approval.js';
import type { Plan } from './plan.js';
import type { ApprovalPolicy } from './policy.js';

/** What a question about a plan rests on. */
export type ApprovalEvidence = Pick<
  ApprovalAsk,
  'planHash' | 'policyVersion' | 'rules' | 'estimate' | 'quota'
>;

type Asked = Pick<Plan, 'planHash' | 'approvalsNeeded' | 'estimate' | 'quotaEffect'>;

export function evidenceOf(
  { planHash, approvalsNeeded, estimate, quotaEffect }: Asked,
  { version }: Pick<ApprovalPolicy, 'version'>,
): ApprovalEvidence {
  return {
    planHash,
    policyVersion: version,
    rules: approvalsNeeded.map(({ rule, reason }) => ({ rule, reason })),
    estimate: estimate && {
      perHour: estimate.perHour.amount,
      total: estimate.total?.amount ?? null,
      currency: estimate.perHour.currency,
      priceBookVersion: estimate.priceBookVersion,
    },
    quota: quotaEffect.map((effect) => ({ ...effect })),
  };
}

/** The question about a plan that matches a rule. `approvalId` is `approval_<ulid>`, made by whoever asks. */
export const approvalAsk = (
  about: Pick<ApprovalAsk, 'approvalId' | 'action' | 'target' | 'reason'>,
  plan: Asked,
  policy: Pick<ApprovalPolicy, 'version' | 'ttlSeconds'>,
  now: Date,
): ApprovalAsk => ({
  ...about,
  ...evidenceOf(plan, policy),
  expiresAt: new Date(now.getTime() + policy.ttlSeconds * 1_000).toISOString(),
});
