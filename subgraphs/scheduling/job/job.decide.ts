import type { ApprovalAsk } from '../../../contracts/approval.js';
import type { JobEndReason, JobEvent } from '../../../contracts/scheduling.events.js';
import { illegalTransition } from '../../../platform/errors.js';
import type { Existing } from '../../../platform/eventStore/aggregate.js';
import type { JobState, NewJob } from './job.js';
import { deadlineOf, isFinal, type JobPhase, leads } from './job.transitions.js';
import { willBeRetried } from './job.workload.js';

/** A job that somebody has to approve waits for that; any other waits for devices at once. */
export const decideSubmit = (job: NewJob, ask: ApprovalAsk | null, now: Date): JobEvent[] => [
  { type: 'JobSubmitted', data: job },
  ask ? approvalAsked(ask) : queued(1, 'SUBMITTED', now),
];

const approvalAsked = (ask: ApprovalAsk): JobEvent => ({
  type: 'JobApprovalAsked',
  data: { ask, deadline: deadlineOf('AWAITING_APPROVAL', new Date(ask.expiresAt)) },
});

const queued = (attempt: number, cause: 'SUBMITTED' | 'APPROVED', now: Date): JobEvent => ({
  type: 'JobQueued',
  data: { attempt, cause, notBefore: null, deadline: deadlineOf('QUEUED', now) },
});

/** The one command on a job that exists. */
export const CANCEL = 'cancelJob';

/** What a cancellation leads to: the end, or the end of the attempt first; null where there is nothing to cancel. */
export function phaseAfterCancel(state: JobState): JobPhase | null {
  const { phase } = state;
  if (phase === 'COMPLETING') return willBeRetried(state) ? 'COMPLETING' : null;
  if (leads(phase, 'JobCancelRequested')) return 'COMPLETING';
  return leads(phase, 'JobCancelled') ? 'CANCELLED' : null;
}

export const allowedCommands = (state: JobState): string[] =>
  phaseAfterCancel(state) === null ? [] : [CANCEL];

/** Refused with ILLEGAL_TRANSITION where nothing is left to cancel. */
export function decideCancel({ id, state }: Existing<JobState>, now: Date): JobEvent[] {
  switch (phaseAfterCancel(state)) {
    case null:
      throw illegalTransition({ id, state: state.phase }, allowedCommands(state));
    case 'CANCELLED':
      return [{ type: 'JobCancelled', data: { endReason: 'CANCELLED', message: null } }];
    default:
      return [endAttempt(state, 'CANCELLED', now)];
  }
}

const endAttempt = (
  { attempt }: JobState,
  reason: 'CANCELLED' | 'TIME_LIMIT' | 'START_TIMEOUT',
  now: Date,
): JobEvent => ({
  type: 'JobCancelRequested',
  data: { attempt, reason, deadline: deadlineOf('COMPLETING', now) },
});

/** Nothing if the job does not wait for that attempt any more, or not yet. */
export function decideReserve(
  { state }: Existing<JobState>,
  { attempt, gpuModelId, holdId }: { attempt: number; gpuModelId: string; holdId: string | null },
  now: Date,
): JobEvent[] {
  const { projectId, name, spec, maxRuntimeSeconds } = state;
  if (!awaits(state, attempt, now)) return [];
  const deadline = deadlineOf('RESERVED', now);
  const data = { attempt, projectId, name, spec, gpuModelId, holdId, maxRuntimeSeconds, deadline };
  return [{ type: 'JobReserved', data }];
}

export const awaits = ({ phase, attempt, notBefore }: JobState, wanted: number, now: Date): boolean =>
  phase === 'QUEUED' && attempt === wanted && (notBefore === null || new Date(notBefore) <= now);

/** What became of the approval that a job waits for. */
export type ApprovalVerdict =
  'APPROVED' | 'REJECTED' | 'EXPIRED' | 'SUPERSEDED' | 'WITHDRAWN' | 'UNSATISFIABLE';

/** Nothing if the job does not wait for that approval. */
export function decideApproval(
  { state }: Existing<JobState>,
  { approvalId, verdict }: { approvalId: string; verdict: ApprovalVerdict },
  now: Date,
): JobEvent[] {
  if (state.phase !== 'AWAITING_APPROVAL' || state.approvalId !== approvalId) return [];
  switch (verdict) {
    case 'APPROVED':
      return [queued(1, 'APPROVED', now)];
    case 'UNSATISFIABLE':
      return [
        end('JobUnsatisfiable', 'UNSATISFIABLE', 'What it asks for has gone while it waited for approval.'),
      ];
    case 'WITHDRAWN':
      return [end('JobCancelled', 'APPROVAL_WITHDRAWN', null)];
    case 'REJECTED':
    case 'EXPIRED':
    case 'SUPERSEDED':
      return [end('JobFailed', `APPROVAL_${verdict}`, null)];
  }
}

/** The watchdog: says that the phase did not end in time, and gives up what can be given up. */
export function decideDeadline({ state }: Existing<JobState>, now: Date): JobEvent[] {
  const { phase, deadline, deadlineMissed } = state;
  if (isFinal(phase) || deadline === null || deadlineMissed || new Date(deadline) > now) return [];
  const missed: JobEvent = { type: 'JobDeadlineMissed', data: { phase, deadline } };
  return [missed, ...afterDeadline(state, now)];
}

function afterDeadline(state: JobState, now: Date): JobEvent[] {
  switch (state.phase) {
    case 'AWAITING_APPROVAL':
      return [end('JobFailed', 'APPROVAL_EXPIRED', null)];
    case 'QUEUED':
      return [end('JobExpired', 'QUEUE_EXPIRED', 'It waited for devices for as long as a job may wait.')];
    case 'RESERVED':
    case 'STARTING':
      return [endAttempt(state, 'START_TIMEOUT', now)];
    case 'RUNNING':
      return [endAttempt(state, 'TIME_LIMIT', now)];
    default:
      // Its pods are still there: nobody may say that they are not.
      return [];
  }
}

const end = (
  type: 'JobCancelled' | 'JobExpired' | 'JobFailed' | 'JobUnsatisfiable',
  endReason: JobEndReason,
  message: string | null,
): JobEvent => ({ type, data: { endReason, message } });
