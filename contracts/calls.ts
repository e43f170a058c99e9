import type { ApprovalEvidence } from './approvalAsk.js';

/**
 * The synchronous calls between contexts. In one process they are functions, between processes signed requests. A
 * refusal is the same PublicError either way.
 */
export type CallOrigin = {
  /** The person on whose behalf the calling context acts. */
  readonly actorId: string;
  readonly requestId: string;
  readonly correlationId: string;
};

export type BudgetStatus = {
  limit: string;
  spent: string;
  held: string;
  currency: string;
  budgetId: string;
  /** Set once spending has reached a threshold from which on nothing new is admitted, whatever is left. */
  blocked?: true;
};

export interface BillingCalls {
  /**
   * Reserves money before devices are given: the next hour's of an instance or a deployment, a whole run's of a job.
   * Refused with BUDGET_EXCEEDED if spent + held would pass the limit of the project's budget or of an ancestor's, or if
   * spending has reached a threshold that admits nothing new. Idempotent by owner: while the owner has a hold it answers
   * with that one. A hold that its owner's context never confirms (by an AllocationOpened of the owner) lapses. `seconds`
   * says for how long the amount lasts, and such a hold is not renewed; left out, it is an hour's, and is renewed each
   * hour.
   */
  placeHold(
    input: { ownerId: string; projectId: string; amount: string; currency: string; seconds?: number },
    origin: CallOrigin,
  ): Promise<{ holdId: string }>;
  /**
   * Gives the money back. No hold is no error. With `holdId` only that hold is released: who was paused before it asked does
   * not take what the owner was given since.
   */
  releaseHold(input: { ownerId: string; holdId?: string; reason: string }, origin: CallOrigin): Promise<void>;
  /** The tightest budget that counts for the project, its own or an ancestor's; null when there is none. */
  budgetStatus(input: { projectId: string }): Promise<BudgetStatus | null>;
}

/** What a deployment would cost and need. `rules` are those that ask for an approval: with none it may be admitted at once. */
export type DeploymentPlan = ApprovalEvidence;

export interface ResourcesCalls {
  /**
   * Plans a deployment of `replicas.min` pods with `gpu.count` devices each, every pod on one node. `request` is what the
   * plan's hash is taken of, `planHash` the plan that the caller agreed to, if they name one. Refused, in this order, with
   * PLAN_STALE, QUOTA_EXCEEDED, BUDGET_EXCEEDED, UNSATISFIABLE or CAPACITY_EXHAUSTED, as an instance would be; NOT_FOUND if
   * there is no such project. It reserves nothing: that is done when resources hear DeploymentAdmissionAsked.
   */
  planDeployment(input: {
    projectId: string;
    gpu: { modelIn: string[]; count: number };
    replicas: { min: number; max: number };
    request: Record<string, unknown>;
    planHash: string | null;
  }): Promise<DeploymentPlan>;
}

/** What the issuer says about a person. */
export type IdentityClaims = {
  issuer: string;
  subject: string;
  username: string;
  name: string | null;
  email: string | null;
};

export interface GovernanceCalls {
  /** Registers the user at first sight, and says what they may do now. The result is a Principal (platform/identity). */
  resolvePrincipal(claims: IdentityClaims): Promise<{
    id: string;
    kind: 'USER';
    displayName: string;
    everywhere: readonly string[];
    projects: Readonly<Record<string, readonly string[]>>;
  }>;
}
