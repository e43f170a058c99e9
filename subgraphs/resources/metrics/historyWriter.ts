import type { MetricHistory } from './history.repository.js';
import type { Measured } from './reading.js';
import { createRollup } from './rollup.js';

const WRITE_EVERY_MS = 10_000;
const CONDENSE_EVERY_MS = 60_000;
const EXPIRE_EVERY_MS = 600_000;
/** What was written so long ago is in its coarser steps already. */
const CONDENSE_BACK_MS = 300_000;

/** Less than the finest steps are kept: one that is half gone must not be condensed again. */
const CONDENSE_FIRST_BACK_MS = 5 * 3_600_000;

/** Keeps what is measured, as long as `isActive` says so: one process does that for a cluster. */
export interface HistoryWriter extends AsyncDisposable {
  add(batch: readonly Measured[]): void;
}

/** What cannot be written within its step is lost: history has a gap then, and live metrics go on. */
export function startHistoryWriter(options: {
  history: Pick<MetricHistory, 'write' | 'condenseSince' | 'expire'>;
  isActive: () => boolean;
  onError: (error: unknown) => void;
}): HistoryWriter {
  const { history, isActive, onError } = options;
  const rollup = createRollup();
  let condensedMs = 0;
  let expiredMs = 0;
  let writing: Promise<void> | null = null;

  async function write(): Promise<void> {
    const nowMs = Date.now();
    const rollups = rollup.take(nowMs);
    if (!isActive()) return;
    if (rollups.length > 0) await history.write(rollups);
    if (nowMs - condensedMs >= CONDENSE_EVERY_MS) {
      // The first time, what an earlier process left.
      const backMs = condensedMs === 0 ? CONDENSE_FIRST_BACK_MS : CONDENSE_BACK_MS;
      await history.condenseSince(new Date(nowMs - backMs));
      condensedMs = nowMs;
    }
    if (nowMs - expiredMs >= EXPIRE_EVERY_MS) {
      await history.expire(new Date(nowMs));
      expiredMs = nowMs;
    }
  }

  const ticking = setInterval(() => {
    writing ??= write()
      .catch(onError)
      .finally(() => (writing = null));
  }, WRITE_EVERY_MS).unref();

  return {
    add: (batch) => rollup.add(batch),
    async [Symbol.asyncDispose]() {
      clearInterval(ticking);
      await writing;
    },
  };
}
