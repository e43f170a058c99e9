/** What somebody else has to allow before it is carried out, and what a decision about it leads to. */
export type ApprovalAction = 'REQUEST_INSTANCE' | 'SUBMIT_JOB' | 'CREATE_DEPLOYMENT';

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
