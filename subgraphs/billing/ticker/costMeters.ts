import type { CostScope } from './costMeter.repository.js';
import type { Metered } from './costMeter.js';
import type { RunningMeter } from './runningMeter.js';

export type CostMeters = ReturnType<typeof createCostMeters>;

/** What is watched now: all who watch one scope share one meter, which runs as long as anybody watches. */
export function createCostMeters(start: (scope: CostScope) => RunningMeter) {
  const watched = new Map<string, { meter: RunningMeter; viewers: number }>();

  return {
    /** Ends when the signal aborts. */
    async *watch(scope: CostScope, signal: AbortSignal): AsyncGenerator<Metered> {
      const key = JSON.stringify(scope);
      const shared = watched.get(key) ?? { meter: start(scope), viewers: 0 };
      watched.set(key, shared);
      shared.viewers += 1;
      try {
        yield* shared.meter.readings(signal);
      } finally {
        shared.viewers -= 1;
        if (shared.viewers === 0) {
          watched.delete(key);
          await shared.meter[Symbol.asyncDispose]();
        }
      }
    },

    async [Symbol.asyncDispose](): Promise<void> {
      await Promise.all([...watched.values()].map(({ meter }) => meter[Symbol.asyncDispose]()));
    },
  };
}
