/** The recommended phases of a job, in the order in which they are reached. */
export const JOB_PHASES = [
  'SUBMITTED',
  'AWAITING_APPROVAL',
  'SCHEDULED',
  'BLOCKED',
  'QUEUED',
  'RESERVED',
  'STARTING',
  'RUNNING',
  'SUSPENDED',
  'PREEMPTING',
  'COMPLETING',
  'SUCCEEDED',
  'FAILED',
  'TIMED_OUT',
  'CANCELLED',
  'PREEMPTED',
  'EXPIRED',
  'UNSATISFIABLE',
  'REJECTED',
] as const;

export type JobPhase = (typeof JOB_PHASES)[number];

export type JobState = { projectId: string; queueId: string; name: string; phase: JobPhase };
