import type { Reserve } from '../job/job.reservation.js';
import type { JobPick, PickAnswer } from './schedulingPass.js';

const RESERVATIONS_MAX = 4;

/** What becomes of the jobs that are picked. */
export interface Reservations {
  add(picks: readonly JobPick[]): void;
  /** Leaves out those that nobody has begun with. */
  clear(): void;
}

/**
 * The leader reserves what it picks, a few at a time. The others wait to hear of it, so that they count the same devices
 * as used; what is not heard of in time is picked again.
 */
export function createReservations(deps: {
  isLeading: () => boolean;
  reserve: Reserve;
  /** Resolves true once the job is known to have got its reservation, false after a while and when this process leads. */
  isHeardOf: (pick: JobPick) => Promise<boolean>;
  answer: (pick: JobPick, answer: PickAnswer) => void;
  /** Runs by itself; failures are reported. */
  begin: (task: Promise<void>) => void;
}): Reservations {
  const { isLeading, reserve, isHeardOf, answer, begin } = deps;
  const waiting: JobPick[] = [];
  let running = 0;

  function next(): void {
    while (!isLeading() || running < RESERVATIONS_MAX) {
      const pick = waiting.shift();
      if (!pick) return;
      running++;
      begin(settle(pick));
    }
  }

  async function settle(pick: JobPick): Promise<void> {
    let outcome: PickAnswer = { outcome: 'FAILED' };
    try {
      outcome = await outcomeOf(pick);
    } finally {
      running--;
      answer(pick, outcome);
      next();
    }
  }

  async function outcomeOf(pick: JobPick): Promise<PickAnswer> {
    if (!isLeading() && (await isHeardOf(pick))) return { outcome: 'RESERVED' };
    if (!isLeading()) return { outcome: 'MOVED_ON' };
    const { jobId, attempt, gpuModelId, decisionId } = pick;
    return reserve(jobId, { attempt, gpuModelId }, decisionId);
  }

  return {
    add(picks) {
      waiting.push(...picks);
      next();
    },
    clear: () => void waiting.splice(0),
  };
}
