import type { JobEvent } from '../../../contracts/scheduling.events.js';

export const JobPhase = {
  SUBMITTED: 'SUBMITTED',
  AWAITING_APPROVAL: 'AWAITING_APPROVAL',
  QUEUED: 'QUEUED',
  RESERVED: 'RESERVED',
  STARTING: 'STARTING',
  RUNNING: 'RUNNING',
  COMPLETING: 'COMPLETING',
  SUCCEEDED: 'SUCCEEDED',
  FAILED: 'FAILED',
  TIMED_OUT: 'TIMED_OUT',
  CANCELLED: 'CANCELLED',
  EXPIRED: 'EXPIRED',
  UNSATISFIABLE: 'UNSATISFIABLE',
} as const;
export type JobPhase = (typeof JobPhase)[keyof typeof JobPhase];

type EventType = JobEvent['type'];
type Transitions = Partial<Record<EventType, JobPhase>>;

/**
 * Which event may happen in which phase, and where it leads. Events that are not listed for any phase say more about a
 * phase without ending it. The deciders refuse, or leave out, what is not here.
 */
export const TRANSITIONS: Readonly<Record<JobPhase, Transitions>> = {
  SUBMITTED: { JobApprovalAsked: 'AWAITING_APPROVAL', JobQueued: 'QUEUED' },
  AWAITING_APPROVAL: {
    JobQueued: 'QUEUED',
    JobCancelled: 'CANCELLED',
    JobFailed: 'FAILED',
    JobUnsatisfiable: 'UNSATISFIABLE',
  },
  QUEUED: { JobReserved: 'RESERVED', JobCancelled: 'CANCELLED', JobExpired: 'EXPIRED' },
  RESERVED: {
    JobStarting: 'STARTING',
    JobQueued: 'QUEUED',
    JobCancelRequested: 'COMPLETING',
    JobFailed: 'FAILED',
    JobUnsatisfiable: 'UNSATISFIABLE',
  },
  STARTING: { JobRunning: 'RUNNING', JobCancelRequested: 'COMPLETING', JobCompleting: 'COMPLETING' },
  RUNNING: { JobCancelRequested: 'COMPLETING', JobCompleting: 'COMPLETING' },
  COMPLETING: {
    // It was cancelled while resources were giving it devices.
    JobStarting: 'COMPLETING',
    JobCancelRequested: 'COMPLETING',
    JobQueued: 'QUEUED',
    JobSucceeded: 'SUCCEEDED',
    JobFailed: 'FAILED',
    JobTimedOut: 'TIMED_OUT',
    JobCancelled: 'CANCELLED',
  },
  SUCCEEDED: {},
  FAILED: {},
  TIMED_OUT: {},
  CANCELLED: {},
  EXPIRED: {},
  UNSATISFIABLE: {},
};

/** Whether an event may happen in a phase. */
export const leads = (phase: JobPhase, type: EventType): boolean => TRANSITIONS[phase][type] !== undefined;

export const isFinal = (phase: JobPhase): boolean => Object.keys(TRANSITIONS[phase]).length === 0;

/** Phases in which an attempt of the job has money, and has or is about to get devices. */
export const ACTIVE_PHASES = [
  'RESERVED',
  'STARTING',
  'RUNNING',
  'COMPLETING',
] as const satisfies readonly JobPhase[];

const MINUTE_MS = 60_000;
const DAY_MS = 24 * 60 * MINUTE_MS;

/** How long each phase may last in which a job waits for somebody else. RUNNING lasts as long as the job asked for. */
const PHASE_MS = {
  /** Beyond the approval's own expiry, in case nobody says that it has expired. */
  AWAITING_APPROVAL: 60 * MINUTE_MS,
  QUEUED: 7 * DAY_MS,
  RESERVED: 5 * MINUTE_MS,
  STARTING: 30 * MINUTE_MS,
  COMPLETING: 10 * MINUTE_MS,
} as const;

/** When a phase that begins at `from` must have ended. */
export const deadlineOf = (phase: keyof typeof PHASE_MS, from: Date): string =>
  new Date(from.getTime() + PHASE_MS[phase]).toISOString();
