import type { ApprovalDecisionKind, ApprovalOutcome } from '../../../contracts/approval.js';
import type { ApprovalEvent } from '../../../contracts/governance.events.js';
import { illegalTransition } from '../../../platform/errors.js';
import type { Existing } from '../../../platform/eventStore/aggregate.js';
import type { Actor } from '../../../platform/identity/principal.js';
import { type ApprovalState, currentStep, evolveApproval } from './approval.js';
import { allowedCommands, type ApprovalCommandName, leads } from './approval.transitions.js';

type Approval = Existing<ApprovalState>;

export type Decision = { by: Actor; decision: ApprovalDecisionKind; comment: string | null };

/** What became of the thing that an approval was asked for. */
export type TargetFate =
  /** It goes on, on the strength of the approval. */
  | { kind: 'USED' }
  | { kind: 'PLAN_CHANGED' }
  /** Somebody ended it before. */
  | { kind: 'GIVEN_UP' }
  | { kind: 'NOT_CARRIED_OUT'; reason: string };

/**
 * One person's word. A rejection ends the request at once; an agreement does once every step has its quorum. Refused with
 * ILLEGAL_TRANSITION when it is decided already, when its time is over, and when the same person has spoken before.
 */
export function decideDecision(
  approval: Approval,
  { by, decision, comment }: Decision,
  now: Date,
): ApprovalEvent[] {
  checkOpen(approval, 'decideApproval', now);
  const { id, state } = approval;
  if (state.steps.some(({ decisions }) => decisions.some((earlier) => earlier.by.id === by.id)))
    throw illegalTransition({ id, state: state.status }, []);
  const decided: ApprovalEvent = { type: 'ApprovalDecided', data: { decision, comment } };
  if (decision === 'REJECT') return [decided, { type: 'ApprovalRejected', data: outcomeOf(state) }];
  const after = evolveApproval(state, { ...decided, actor: by, occurredAt: now.toISOString() });
  return currentStep(after) ? [decided] : [decided, { type: 'ApprovalApproved', data: outcomeOf(state) }];
}

export function decideWithdrawal(approval: Approval, now: Date): ApprovalEvent[] {
  checkOpen(approval, 'withdrawApproval', now);
  return [{ type: 'ApprovalWithdrawn', data: outcomeOf(approval.state) }];
}

/** The timer's: nothing as long as there is time, or once somebody has decided. */
export const decideExpiry = ({ state }: Approval, now: Date): ApprovalEvent[] =>
  state.status === 'PENDING' && isOver(state, now)
    ? [{ type: 'ApprovalExpired', data: outcomeOf(state) }]
    : [];

/** Ends the request as its target did. What is known already, or comes too late to matter, makes no event. */
export function decideFate({ state }: Approval, fate: TargetFate): ApprovalEvent[] {
  const event = fateEvent(outcomeOf(state), fate);
  return leads(state.status, event.type) ? [event] : [];
}

function fateEvent(data: ApprovalOutcome, fate: TargetFate): ApprovalEvent {
  switch (fate.kind) {
    case 'USED':
      return { type: 'ApprovalExecuted', data };
    case 'PLAN_CHANGED':
      return { type: 'ApprovalSuperseded', data };
    case 'GIVEN_UP':
      return { type: 'ApprovalWithdrawn', data };
    case 'NOT_CARRIED_OUT':
      return { type: 'ApprovalExecutionFailed', data: { ...data, reason: fate.reason } };
  }
}

const outcomeOf = ({ ask }: ApprovalState): ApprovalOutcome => ({
  approvalId: ask.approvalId,
  target: { type: ask.target.type, id: ask.target.id },
  planHash: ask.planHash,
});

const isOver = ({ ask }: ApprovalState, now: Date): boolean => new Date(ask.expiresAt) <= now;

/** The timer may be late: once the time is over nobody may decide, whether it has been told or not. */
function checkOpen({ id, state }: Approval, command: ApprovalCommandName, now: Date): void {
  const status = state.status === 'PENDING' && isOver(state, now) ? 'EXPIRED' : state.status;
  const allowed = allowedCommands(status);
  if (!allowed.includes(command)) throw illegalTransition({ id, state: status }, allowed);
}
