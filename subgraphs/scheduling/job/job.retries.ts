import {
  ATTEMPT_END_REASONS,
  type AttemptEndReason,
  type RetryClass,
} from '../../../contracts/endReasons.js';
import type { JobState } from './job.js';

/** Which kinds of failure are tried again without anybody asking: those that were not the program's fault. */
const RETRIED: Readonly<Record<RetryClass, boolean>> = {
  NO_CAPACITY: true,
  INTERRUPTION: true,
  ERROR: false,
};

/** How often a job may have had devices. A reservation that came to nothing costs nobody anything, and counts for none. */
export const ATTEMPTS_MAX = 3;

const BACK_OFF_MS = 5_000;
const BACK_OFF_MAX_MS = 300_000;

export const isRetried = (reason: AttemptEndReason): boolean => {
  const { retry } = ATTEMPT_END_REASONS[reason];
  return retry !== null && RETRIED[retry];
};

export const isExhausted = ({ attempts }: Pick<JobState, 'attempts'>): boolean =>
  attempts.filter(({ allocationIds }) => allocationIds.length > 0).length >= ATTEMPTS_MAX;

/** When the attempt after the given one may be reserved: each waits twice as long as the one before. */
export const notBeforeOf = (endedAttempt: number, now: Date): string =>
  new Date(now.getTime() + Math.min(BACK_OFF_MS * 2 ** (endedAttempt - 1), BACK_OFF_MAX_MS)).toISOString();
