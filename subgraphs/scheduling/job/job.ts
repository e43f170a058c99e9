import type { AttemptEndReason } from '../../../contracts/endReasons.js';
import type { ForcedEndReason, JobEndReason, JobEvent } from '../../../contracts/scheduling.events.js';
import { type JobPhase, TRANSITIONS } from './job.transitions.js';

/** One try at running a job: from the reservation of its devices until they are asked back. */
export type JobAttempt = {
  /** 1 and up, without gaps. */
  number: number;
  gpuModelId: string;
  /** Null where no price is known. */
  holdId: string | null;
  allocationIds: string[];
  reservedAt: string;
  /** When all its pods ran; null if they never did. */
  startedAt: string | null;
  endedAt: string | null;
  reason: AttemptEndReason | null;
  exitCode: number | null;
  message: string | null;
};

/** A job as it was submitted, with its id. `priority`: the higher is served first. */
export type NewJob = Extract<JobEvent, { type: 'JobSubmitted' }>['data'];

/** Work that waits for devices, uses them, and ends. */
export type JobState = Omit<NewJob, 'id'> & {
  phase: JobPhase;
  /** The approval that it waits for, or was admitted by. */
  approvalId: string | null;
  /** The attempt that it waits for, is in, or ended with. 0 before it was ever queued. */
  attempt: number;
  /** Those that were begun, oldest first. At most the last is active: it has not ended. */
  attempts: JobAttempt[];
  /** Since when it waits, this time. Null unless it is queued. */
  queuedAt: string | null;
  /** It is not reserved before. Null where it may be at once. */
  notBefore: string | null;
  /** Why its attempt was told to end; null as long as nobody told it to. */
  ending: ForcedEndReason | null;
  /** When the phase must have ended; null for the final ones. */
  deadline: string | null;
  deadlineMissed: boolean;
  endReason: JobEndReason | null;
  message: string | null;
  /** When its phase was last seen to be what it says. */
  observedAt: string;
};

/** What a job's fold needs of an event: the fact, and when it happened. */
export type JobFact = JobEvent & { occurredAt: string };

export function evolveJob(before: JobState | null, event: JobFact): JobState {
  if (event.type === 'JobSubmitted') return submitted(event);
  if (!before) throw new Error(`${event.type} of a job that nobody submitted`);
  return change(advance(before, event), event);
}

function submitted({ data, occurredAt }: JobFact & { type: 'JobSubmitted' }): JobState {
  const { id: _, ...job } = data;
  return {
    ...job,
    phase: 'SUBMITTED',
    approvalId: null,
    attempt: 0,
    attempts: [],
    queuedAt: null,
    notBefore: null,
    ending: null,
    deadline: null,
    deadlineMissed: false,
    endReason: null,
    message: null,
    observedAt: occurredAt,
  };
}

/** Moves the phase as the table says. An event that the table does not know here leaves the phase as it is. */
function advance(before: JobState, event: JobFact): JobState {
  const phase = TRANSITIONS[before.phase][event.type] ?? before.phase;
  const observedAt = event.occurredAt;
  if (phase === before.phase) return { ...before, observedAt };
  const deadline = 'deadline' in event.data ? event.data.deadline : null;
  return { ...before, phase, deadline, deadlineMissed: false, queuedAt: null, notBefore: null, observedAt };
}

/** What an event says beyond the phase. `job` has advanced already. */
function change(job: JobState, event: JobFact): JobState {
  switch (event.type) {
    case 'JobSubmitted':
    case 'JobCompleting':
      return job;
    case 'JobApprovalAsked':
      return { ...job, approvalId: event.data.ask.approvalId };
    case 'JobQueued': {
      const { attempt, notBefore } = event.data;
      return { ...job, attempt, notBefore, queuedAt: event.occurredAt, ending: null };
    }
    case 'JobReserved':
      return { ...job, attempts: [...job.attempts, reserved(event)] };
    case 'JobStarting':
      return changeAttempt(job, { allocationIds: event.data.allocationIds });
    case 'JobRunning':
      return changeAttempt(job, { startedAt: event.data.startedAt });
    case 'JobCancelRequested':
      return { ...job, ending: event.data.reason };
    case 'JobAttemptEnded': {
      const { reason, exitCode, message, startedAt, endedAt } = event.data;
      return { ...changeAttempt(job, { reason, exitCode, message, startedAt, endedAt }), message };
    }
    case 'JobDeadlineMissed':
      return { ...job, deadlineMissed: true };
    case 'JobSucceeded':
    case 'JobFailed':
    case 'JobTimedOut':
    case 'JobCancelled':
    case 'JobExpired':
    case 'JobUnsatisfiable': {
      const { endReason, message } = event.data;
      return { ...job, endReason, message };
    }
  }
}

const reserved = ({ data, occurredAt }: JobFact & { type: 'JobReserved' }): JobAttempt => ({
  number: data.attempt,
  gpuModelId: data.gpuModelId,
  holdId: data.holdId,
  allocationIds: [],
  reservedAt: occurredAt,
  startedAt: null,
  endedAt: null,
  reason: null,
  exitCode: null,
  message: null,
});

const changeAttempt = (job: JobState, changes: Partial<JobAttempt>): JobState => ({
  ...job,
  attempts: job.attempts.map((attempt) =>
    attempt.number === job.attempt ? { ...attempt, ...changes } : attempt,
  ),
});

/** The attempt that has, or is about to get, devices; null while the job waits, and once the attempt has ended. */
export const activeAttempt = ({ attempts }: Pick<JobState, 'attempts'>): JobAttempt | null => {
  const last = attempts.at(-1);
  return last && last.endedAt === null ? last : null;
};
