/** The first time that a waiting attempt was given an ETA. Times are milliseconds since 1970. */
export type EtaPromise = {
  jobId: string;
  attempt: number;
  queueId: string;
  madeAt: number;
  p50: number | null;
  p90: number;
  /** By how much the reckoned waits were stretched. */
  stretch50: number;
  stretch90: number;
  /** When it got its devices; null as long as it waits. */
  startedAt: number | null;
};

export type EtaPromises = ReturnType<typeof createEtaPromises>;

const KEPT = 300;
/** Fewer outcomes do not say how wrong promises are. */
const ENOUGH = 20;
const AT_FIRST = { stretch50: 1, stretch90: 1.5 };
const STRETCH_MAX = 20;

/**
 * What was promised and what came of it. Promises are made by stretching what was reckoned by as much as half, or nine
 * of ten, of the latest ones would have needed, so that what the reckoning does not see, such as work that comes later, is allowed
 * for.
 */
export function createEtaPromises() {
  const open = new Map<string, EtaPromise>();
  /** The latest that were settled, oldest first. */
  const settled: EtaPromise[] = [];

  function keep(promise: EtaPromise): void {
    settled.push(promise);
    if (settled.length > KEPT) settled.shift();
  }

  return {
    has: (jobId: string): boolean => open.has(jobId),
    open: (jobId: string): EtaPromise | null => open.get(jobId) ?? null,

    /** As stored; those that are settled oldest first. */
    add(promise: EtaPromise): void {
      if (promise.startedAt === null) open.set(promise.jobId, promise);
      else keep(promise);
    },

    /** The job got its devices. Returns the settled promise, if there was one. */
    settle(jobId: string, startedAt: number): EtaPromise | null {
      const promise = open.get(jobId);
      if (!promise) return null;
      open.delete(jobId);
      const done = { ...promise, startedAt };
      keep(done);
      return done;
    },

    /** The job does not wait any more, and never got what was promised for a time. */
    drop: (jobId: string): boolean => open.delete(jobId),

    /** By how much reckoned waits are to be stretched so that half and nine of ten are kept. */
    stretches(now: number): { stretch50: number; stretch90: number } {
      const all = [...settled, ...open.values()];
      const waits50 = all.flatMap((each) => neededStretch(each, each.p50 ?? each.p90, each.stretch50, now));
      const waits90 = all.flatMap((each) => neededStretch(each, each.p90, each.stretch90, now));
      if (waits90.length < ENOUGH) return AT_FIRST;
      const stretch50 = Math.max(1 / STRETCH_MAX, quantile(waits50, 0.5));
      return { stretch50, stretch90: Math.max(1, quantile(waits90, 0.9)) };
    },

    /**
     * The part of a queue's latest promises whose `p90` was kept, from 0 to 1; one that is overdue is broken already. Null
     * where nothing can be said yet.
     */
    hitRate(queueId: string, now: number): number | null {
      const judged = [...settled, ...open.values()].filter(
        (promise) => promise.queueId === queueId && (promise.startedAt !== null || promise.p90 < now),
      );
      if (judged.length === 0) return null;
      const kept = judged.filter(({ startedAt, p90 }) => startedAt !== null && startedAt <= p90);
      return kept.length / judged.length;
    },
  };
}

/** By how much its wait was longer than reckoned; of one that still waits, once it has waited longer than that. */
function neededStretch(
  { madeAt, startedAt }: EtaPromise,
  promised: number,
  stretch: number,
  now: number,
): number[] {
  const reckoned = Math.max(1_000, (promised - madeAt) / stretch);
  const ratio = ((startedAt ?? now) - madeAt) / reckoned;
  return startedAt !== null || ratio > stretch ? [ratio] : [];
}

function quantile(values: number[], share: number): number {
  values.sort((a, b) => a - b);
  const index = Math.min(values.length, Math.ceil((values.length + 1) * share)) - 1;
  return Math.min(STRETCH_MAX, values[index] ?? 1);
}
