import { isSame, type Measured } from './reading.js';

/** Older measurements say nothing about now. */
const STALE_MS = 120_000;

type Entry = Measured & { readonly sequence: number };

/** What every GPU was last measured to do, in this process. */
export interface LatestMetrics {
  record(batch: readonly Measured[]): void;
  /** Null for what was not measured within the last two minutes. */
  of(gpuId: string): Measured | null;
  /** Of these devices, those that show something else than they did at the sequence number. */
  changedSince(gpuIds: Iterable<string>, sequence: number): Measured[];
  /** Grows with every change. */
  sequence(): number;
  /** Resolves at the first change after a sequence number, or when the signal aborts. */
  changed(sequence: number, signal: AbortSignal): Promise<void>;
}

export function createLatestMetrics(now: () => number = Date.now): LatestMetrics {
  const entries = new Map<string, Entry>();
  let waiting: (() => void)[] = [];
  let last = 0;

  const fresh = (gpuId: string): Entry | null => {
    const entry = entries.get(gpuId);
    return entry && now() - entry.atMs <= STALE_MS ? entry : null;
  };

  return {
    record(batch) {
      const before = last;
      for (const measured of batch) {
        const known = entries.get(measured.gpuId);
        const sequence = known && isSame(known.reading, measured.reading) ? known.sequence : ++last;
        entries.set(measured.gpuId, { ...measured, sequence });
      }
      if (last === before) return;
      const woken = waiting;
      waiting = [];
      for (const wake of woken) wake();
    },
    of: fresh,
    changedSince: (gpuIds, sequence) =>
      [...gpuIds].map(fresh).filter((entry) => entry !== null && entry.sequence > sequence) as Entry[],
    sequence: () => last,
    changed: (sequence, signal) =>
      new Promise((resolve) => {
        if (last > sequence || signal.aborted) return resolve();
        const done = () => {
          signal.removeEventListener('abort', done);
          waiting = waiting.filter((wake) => wake !== done);
          resolve();
        };
        signal.addEventListener('abort', done);
        waiting.push(done);
      }),
  };
}
