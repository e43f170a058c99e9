/** What somebody else has to allow before it is carried out, and what a decision about it leads to. */
export type ApprovalAction = 'REQUEST_INSTANCE' | 'SUBMIT_JOB' | 'CREATE_DEPLOYMENT';

export type ApprovalDecisionKind = 'APPROVE' | 'REJECT';

/** Where a request for approval stands. */
export const ApprovalStatus = {
  PENDING: 'PENDING',
  APPROVED: 'APPROVED',
  REJECTED: 'REJECTED',
  EXPIRED: 'EXPIRED',
  WITHDRAWN: 'WITHDRAWN',
  SUPERSEDED: 'SUPERSEDED',
  EXECUTED: 'EXECUTED',
  EXECUTION_FAILED: 'EXECUTION_FAILED',
} as const;
export type ApprovalStatus = (typeof ApprovalStatus)[keyof typeof ApprovalStatus];

/** What each says to somebody who sees only a schema: every subgraph that names an approval describes them alike. */
export const APPROVAL_STATUS_MEANING: Readonly<Record<ApprovalStatus, { description: string }>> = {
  PENDING: { description: 'It waits for decisions.' },
  APPROVED: { description: 'It may be used once, for the plan that it was asked for.' },
  REJECTED: { description: 'Somebody who may decide said no.' },
  EXPIRED: { description: 'Nobody decided in time.' },
  WITHDRAWN: { description: 'Whoever asked took it back, or ended what it was for.' },
  SUPERSEDED: { description: 'The plan changed meanwhile.' },
  EXECUTED: { description: 'It was used.' },
  EXECUTION_FAILED: { description: 'It was used, and what it allowed did not work.' },
};

export type ApprovalTarget = { type: 'Instance' | 'Job' | 'Deployment'; id: string; name: string };

/**
 * The question, with the evidence that it rests on as it was when it was asked. The context that asks makes
 * `approvalId`, so that its answer can name the approval before governance has heard of it. Amounts are decimal text.
 */
export type ApprovalAsk = {
  approvalId: string;
  action: ApprovalAction;
  target: ApprovalTarget;
  /** The approval counts for this plan only. */
  planHash: string;
  /** The requester's own words. */
  reason: string | null;
  policyVersion: string;
  rules: { rule: string; reason: string }[];
  estimate: { perHour: string; total: string | null; currency: string; priceBookVersion: string } | null;
  quota: { gpuModelId: string; nominal: number; used: number; requested: number }[];
  /** When it lapses if nobody has decided. ISO text. */
  expiresAt: string;
};

/** What became of an approval: what the context that asked needs to go on or to give up. */
export type ApprovalOutcome = {
  approvalId: string;
  target: { type: ApprovalTarget['type']; id: string };
  planHash: string;
};
