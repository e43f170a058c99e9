import {
  ATTEMPT_END_REASONS,
  type AttemptEndReason,
  type AttemptOutcome,
} from '../../../contracts/endReasons.js';
import type { WorkloadEvent } from '../../../contracts/resources.events.js';
import type { JobEndReason, JobEvent } from '../../../contracts/scheduling.events.js';
import { activeAttempt, type JobAttempt, type JobState } from './job.js';
import { isExhausted, isRetried, notBeforeOf } from './job.retries.js';
import { deadlineOf, leads } from './job.transitions.js';

/** What a job does about what became of its workload. Late and repeated news, and news of other attempts, are nothing. */
export function decideWorkload(
  state: JobState,
  attemptNumber: number,
  event: WorkloadEvent,
  now: Date,
): JobEvent[] {
  const last = state.attempts.at(-1);
  if (last?.number !== attemptNumber || state.attempt !== attemptNumber) return [];
  switch (event.type) {
    case 'WorkloadAdmitted':
      return admitted(state, last, event.data.allocationIds, now);
    case 'WorkloadRefused':
      return refused(state, last, event.data, now);
    case 'WorkloadRunning':
      return running(state, event.data.startedAt);
    case 'WorkloadEnded':
      return ended(state, event.data, now);
    case 'WorkloadCleared':
      return cleared(state, now);
    case 'WorkloadCreated':
    case 'WorkloadReplicasChanged':
    case 'WorkloadEndRequested':
    case 'WorkloadDeadlineMissed':
      return [];
  }
}

function admitted(state: JobState, last: JobAttempt, allocationIds: string[], now: Date): JobEvent[] {
  if (!leads(state.phase, 'JobStarting') || last.endedAt !== null || last.allocationIds.length > 0) return [];
  const deadline = deadlineOf('STARTING', now);
  return [{ type: 'JobStarting', data: { attempt: last.number, allocationIds, deadline } }];
}

/** Refusals that another time may not meet. */
const SHORTAGES = ['QUOTA_EXCEEDED', 'BUDGET_EXCEEDED', 'CAPACITY_EXHAUSTED'];

function refused(
  state: JobState,
  last: JobAttempt,
  { code, message }: { code: string; message: string },
  now: Date,
): JobEvent[] {
  if (last.endedAt !== null || last.allocationIds.length > 0) return [];
  if (state.phase === 'COMPLETING') {
    const reason = state.ending ?? 'CAPACITY_LOST';
    return [
      attemptEnded(last, { reason, exitCode: null, message }, now),
      ...conclude(state, reason, message, now),
    ];
  }
  if (state.phase !== 'RESERVED') return [];
  if (code === 'UNSATISFIABLE') {
    const end: JobEvent = { type: 'JobUnsatisfiable', data: { endReason: 'UNSATISFIABLE', message } };
    return [attemptEnded(last, { reason: 'CAPACITY_LOST', exitCode: null, message }, now), end];
  }
  const reason = SHORTAGES.includes(code) ? 'CAPACITY_LOST' : 'POD_REJECTED';
  return [
    attemptEnded(last, { reason, exitCode: null, message }, now),
    ...conclude(state, reason, message, now),
  ];
}

function running(state: JobState, startedAt: string): JobEvent[] {
  const { phase, attempt, maxRuntimeSeconds } = state;
  if (!leads(phase, 'JobRunning') || !activeAttempt(state)) return [];
  const deadline = new Date(Date.parse(startedAt) + maxRuntimeSeconds * 1_000).toISOString();
  return [{ type: 'JobRunning', data: { attempt, startedAt, deadline } }];
}

type End = { reason: AttemptEndReason; exitCode: number | null; message: string | null };

function ended(state: JobState, end: End & { endedAt?: string }, now: Date): JobEvent[] {
  const active = activeAttempt(state);
  if (!active || (state.phase !== 'COMPLETING' && !leads(state.phase, 'JobCompleting'))) return [];
  const reason = forcedReason(state, end.reason);
  const over = attemptEnded(
    active,
    { ...end, reason },
    end.endedAt === undefined ? now : new Date(end.endedAt),
  );
  if (state.phase === 'COMPLETING') return [over];
  const deadline = deadlineOf('COMPLETING', now);
  return [{ type: 'JobCompleting', data: { attempt: active.number, deadline } }, over];
}

/** An attempt that was told to end ended for that, unless it had done its work before it heard of it. */
const forcedReason = ({ ending }: JobState, reported: AttemptEndReason): AttemptEndReason =>
  ending === null || reported === 'COMPLETED' ? reported : ending;

/** Its pods are gone and its devices given back: it is over, or tried again. */
function cleared(state: JobState, now: Date): JobEvent[] {
  const last = state.attempts.at(-1);
  if (state.phase === 'RESERVED' || !leadsToEnd(state) || !last) return [];
  if (last.reason !== null) return conclude(state, last.reason, last.message, now);
  // Nobody said why its pods went away.
  const reason = state.ending ?? 'PODS_DELETED';
  const message = state.ending === null ? 'Its pods were gone before it had ended.' : null;
  return [
    ...ended(state, { reason, exitCode: null, message }, now),
    ...conclude(state, reason, message, now),
  ];
}

const leadsToEnd = ({ phase }: JobState): boolean => phase === 'COMPLETING' || leads(phase, 'JobCompleting');

const FINAL_EVENTS: Readonly<
  Record<AttemptOutcome, 'JobSucceeded' | 'JobFailed' | 'JobTimedOut' | 'JobCancelled'>
> = {
  SUCCEEDED: 'JobSucceeded',
  FAILED: 'JobFailed',
  TIMED_OUT: 'JobTimedOut',
  CANCELLED: 'JobCancelled',
};

/** What becomes of a job whose newest attempt ended for a reason. */
function conclude(state: JobState, reason: AttemptEndReason, message: string | null, now: Date): JobEvent[] {
  if (!isRetried(reason))
    return [
      { type: FINAL_EVENTS[ATTEMPT_END_REASONS[reason].outcome], data: { endReason: reason, message } },
    ];
  if (state.ending === 'CANCELLED')
    return [{ type: 'JobCancelled', data: { endReason: 'CANCELLED', message: null } }];
  if (isExhausted(state)) {
    const endReason: JobEndReason = 'RETRIES_EXHAUSTED';
    return [
      {
        type: 'JobFailed',
        data: { endReason, message: message ?? `Its last attempt ended with ${reason}.` },
      },
    ];
  }
  const cause = ATTEMPT_END_REASONS[reason].retry === 'NO_CAPACITY' ? 'CAPACITY_LOST' : 'RETRY';
  const notBefore = notBeforeOf(state.attempt, now);
  return [
    {
      type: 'JobQueued',
      data: { attempt: state.attempt + 1, cause, notBefore, deadline: deadlineOf('QUEUED', now) },
    },
  ];
}

/** Whether a job whose attempt is over, or was told to end, waits for another one after it. */
export function willBeRetried(state: JobState): boolean {
  const reason = state.attempts.at(-1)?.reason ?? state.ending;
  return reason !== null && isRetried(reason) && state.ending !== 'CANCELLED' && !isExhausted(state);
}

const attemptEnded = (
  { number, startedAt }: JobAttempt,
  { reason, exitCode, message }: End,
  at: Date,
): JobEvent => ({
  type: 'JobAttemptEnded',
  data: { attempt: number, reason, exitCode, message, startedAt, endedAt: at.toISOString() },
});
