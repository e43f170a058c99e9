import type { BlockerCode } from '../../../contracts/admission.js';
import type { Eta } from '../eta/eta.type.js';

/** Something that keeps a job from starting. Amounts are decimal text; `since` is ISO text. */
export type JobBlocker = {
  code: BlockerCode;
  /** 1 is the one to look at first. */
  rank: number;
  need: string | null;
  free: string | null;
  unit: string | null;
  ref: { type: string; id: string } | null;
  action: string;
  /** Since when it has been in the way of this job without a break. */
  since: string | null;
};

/** Where a job stands. A job that does not wait has no position, no blockers and no ETA. */
export type JobStanding = {
  /** 1 is the next of its queue; null unless it is queued. */
  queuePosition: number | null;
  /** Ranked. Empty for a queued job only while the pass is starting it. */
  blockers: readonly JobBlocker[];
  eta: Eta | null;
};

/** As the scheduler sees it now; one call answers for all. Ask for jobs that wait: of others it would wait to hear. */
export type StandingOf = (jobIds: readonly string[]) => Promise<ReadonlyMap<string, JobStanding>>;

/** `etaHitRate`: the part of the queue's latest ETAs that were kept, from 0 to 1; null where nothing can be said yet. */
export type QueueStandingOf = (queueId: string) => { waiting: number; etaHitRate: number | null };
