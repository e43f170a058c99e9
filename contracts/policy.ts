import type { ApprovalAction } from './approval.js';
import { compare } from './decimal.js';
import type { Permission } from './permissions.js';

/** What makes a rule apply: more devices in one request, or a higher price per hour. */
export type RuleCondition = { gpusAbove: number } | { perHourAbove: string; currency: string };

export type ApprovalRule = {
  id: string;
  /** In words for whoever asks and whoever decides. */
  reason: string;
  when: RuleCondition;
};

/** Who may decide a step, and how many of them have to agree. The requester never may. */
export type ApprovalStep = {
  name: string;
  quorum: number;
  /** Any of these rights in the project or above it. */
  deciders: Readonly<Record<ApprovalAction, readonly Permission[]>>;
};

export type ApprovalPolicy = {
  version: string;
  rules: readonly ApprovalRule[];
  steps: readonly ApprovalStep[];
  /** For how long a request waits for its decisions. */
  ttlSeconds: number;
};

/** The policy as shipped. Whoever changes anything in it gives it another version. */
export const APPROVAL_POLICY: ApprovalPolicy = {
  version: 'shipped-1',
  rules: [
    { id: 'gpus-above-4', reason: 'More than 4 GPUs in one request.', when: { gpusAbove: 4 } },
    {
      id: 'cost-above-40-usd-per-hour',
      reason: 'More than 40 USD per hour.',
      when: { perHourAbove: '40', currency: 'USD' },
    },
  ],
  steps: [
    {
      name: 'Somebody else who may approve',
      quorum: 1,
      deciders: {
        REQUEST_INSTANCE: ['approval:decide'],
        SUBMIT_JOB: ['approval:decide'],
        CREATE_DEPLOYMENT: ['approval:decide', 'approval:decideModels'],
      },
    },
  ],
  ttlSeconds: 7 * 24 * 3_600,
};

/**
 * The rules that a request for so many GPUs matches, in the policy's order. `perHour` is null where no price is known:
 * then only the number of GPUs can match. A price in another currency than the rule's is compared as a number: no choice
 * of currency leads past a rule.
 */
export const matchedRules = (
  { rules }: Pick<ApprovalPolicy, 'rules'>,
  asked: { gpus: number; perHour: string | null },
): ApprovalRule[] => rules.filter(({ when }) => applies(when, asked));

function applies(when: RuleCondition, { gpus, perHour }: { gpus: number; perHour: string | null }): boolean {
  if ('gpusAbove' in when) return gpus > when.gpusAbove;
  return perHour !== null && compare(perHour, when.perHourAbove) > 0;
}
