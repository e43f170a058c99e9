/**
 * Why an attempt of a job ended. Whether it is tried again follows from the retry class (by default NO_CAPACITY and
 * INTERRUPTION are, ERROR is not), and who is to bear the time that was used from whose fault it was. Allocations are metered
 * and charged to the project whatever the reason: a credit for what the platform is to bear is given outside.
 */
export const ATTEMPT_END_REASONS = {
  COMPLETED: { outcome: 'SUCCEEDED', retry: null, payer: 'PROJECT' },
  /** The program ended with an exit code other than 0. */
  EXIT_CODE: { outcome: 'FAILED', retry: 'ERROR', payer: 'PROJECT' },
  /** The kernel ended it for using more memory than it asked for. */
  OUT_OF_MEMORY: { outcome: 'FAILED', retry: 'ERROR', payer: 'PROJECT' },
  IMAGE_PULL_FAILED: { outcome: 'FAILED', retry: 'ERROR', payer: 'PROJECT' },
  /** The cluster refused its pods. */
  POD_REJECTED: { outcome: 'FAILED', retry: 'ERROR', payer: 'PLATFORM' },
  START_TIMEOUT: { outcome: 'FAILED', retry: 'INTERRUPTION', payer: 'PLATFORM' },
  /** The node needed its resources back. */
  EVICTED: { outcome: 'FAILED', retry: 'INTERRUPTION', payer: 'PLATFORM' },
  NODE_LOST: { outcome: 'FAILED', retry: 'INTERRUPTION', payer: 'PLATFORM' },
  /** Its pods were deleted by somebody who is not Fleetgraph. */
  PODS_DELETED: { outcome: 'FAILED', retry: 'INTERRUPTION', payer: 'PLATFORM' },
  /** Its devices were gone before it began. */
  CAPACITY_LOST: { outcome: 'FAILED', retry: 'NO_CAPACITY', payer: 'PLATFORM' },
  TIME_LIMIT: { outcome: 'TIMED_OUT', retry: null, payer: 'PROJECT' },
  CANCELLED: { outcome: 'CANCELLED', retry: null, payer: 'PROJECT' },
} as const;

export type AttemptEndReason = keyof typeof ATTEMPT_END_REASONS;
export type AttemptOutcome = (typeof ATTEMPT_END_REASONS)[AttemptEndReason]['outcome'];
export type RetryClass = 'NO_CAPACITY' | 'INTERRUPTION' | 'ERROR';
export type Payer = 'PROJECT' | 'PLATFORM';
