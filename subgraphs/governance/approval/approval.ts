import type { ApprovalAsk, ApprovalDecisionKind, ApprovalStatus } from '../../../contracts/approval.js';
import type { ApprovalEvent } from '../../../contracts/governance.events.js';
import type { Recorded } from '../../../platform/eventStore/event.js';
import type { Actor } from '../../../platform/identity/principal.js';
import { TRANSITIONS } from './approval.transitions.js';

export type ApprovalDecision = {
  decision: ApprovalDecisionKind;
  comment: string | null;
  by: Actor;
  at: string;
};

export type ApprovalStepState = { name: string; quorum: number; decisions: ApprovalDecision[] };

/** A request that somebody else allow a plan, with the evidence as it was when it was asked for. */
export type ApprovalState = {
  projectId: string;
  ask: ApprovalAsk;
  requestedBy: Actor;
  status: ApprovalStatus;
  steps: ApprovalStepState[];
  /** What went wrong when it was used, if something did. */
  message: string | null;
};

/** What the fold needs of an event: the fact, who brought it about, and when. */
export type ApprovalFact = ApprovalEvent & Pick<Recorded, 'actor' | 'occurredAt'>;

export function evolveApproval(before: ApprovalState | null, event: ApprovalFact): ApprovalState {
  if (event.type === 'ApprovalRequested') {
    const { projectId, ask, requestedBy, steps } = event.data;
    return {
      projectId,
      ask,
      requestedBy: requestedBy as Actor,
      status: 'PENDING',
      steps: steps.map(({ name, quorum }) => ({ name, quorum, decisions: [] })),
      message: null,
    };
  }
  if (!before) throw new Error(`${event.type} of an approval that nobody requested`);
  if (event.type === 'ApprovalDecided') return decided(before, event);
  const status = TRANSITIONS[before.status][event.type] ?? before.status;
  const message = event.type === 'ApprovalExecutionFailed' ? event.data.reason : before.message;
  return { ...before, status, message };
}

function decided(
  before: ApprovalState,
  { data, actor: by, occurredAt: at }: ApprovalFact & { type: 'ApprovalDecided' },
): ApprovalState {
  const current = currentStep(before);
  const decision = { decision: data.decision, comment: data.comment, by, at };
  const steps = before.steps.map((step) =>
    step === current ? { ...step, decisions: [...step.decisions, decision] } : step,
  );
  return { ...before, steps };
}

/** Whether enough people have agreed. */
export const isAgreed = ({ quorum, decisions }: ApprovalStepState): boolean =>
  decisions.filter(({ decision }) => decision === 'APPROVE').length >= quorum;

/** The first step that not enough people have agreed to; undefined once all are. */
export const currentStep = ({ steps }: Pick<ApprovalState, 'steps'>): ApprovalStepState | undefined =>
  steps.find((step) => !isAgreed(step));
