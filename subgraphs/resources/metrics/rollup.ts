import { LAST_COUNTS, type Rollup } from './history.repository.js';
import { type Measure, MEASURES, type Measured, type Reading } from './reading.js';

const STEP_MS = 10_000;

type Sum = { total: number; count: number };
type Step = { readonly atMs: number; samples: number; readonly sums: Partial<Record<Measure, Sum>> };

/** Gathers the measurements of each GPU into steps of 10 s. */
export function createRollup() {
  const open = new Map<string, Step>();
  let done: Rollup[] = [];

  function add({ gpuId, atMs, reading }: Measured): void {
    const startMs = atMs - (atMs % STEP_MS);
    let step = open.get(gpuId);
    if (step && step.atMs !== startMs) done.push(toRollup(gpuId, step));
    if (step?.atMs !== startMs) open.set(gpuId, (step = { atMs: startMs, samples: 0, sums: {} }));
    step.samples += 1;
    for (const measure of MEASURES) {
      const value = reading[measure];
      if (value === null) continue;
      const sum = (step.sums[measure] ??= { total: 0, count: 0 });
      sum.total = LAST_COUNTS.has(measure) ? value : sum.total + value;
      sum.count = LAST_COUNTS.has(measure) ? 1 : sum.count + 1;
    }
  }

  return {
    add: (batch: readonly Measured[]) => batch.forEach(add),
    /** The steps that are over at that time, once each. */
    take(nowMs: number): Rollup[] {
      const over = [...open].filter(([, { atMs }]) => atMs + STEP_MS <= nowMs);
      for (const [gpuId] of over) open.delete(gpuId);
      const taken = [...done, ...over.map(([gpuId, step]) => toRollup(gpuId, step))];
      done = [];
      return taken;
    },
  };
}

function toRollup(gpuId: string, { atMs, samples, sums }: Step): Rollup {
  const mean = (measure: Measure): number | null => {
    const sum = sums[measure];
    return sum ? sum.total / sum.count : null;
  };
  const reading = Object.fromEntries(MEASURES.map((measure) => [measure, mean(measure)])) as Reading;
  return { gpuId, atMs, samples, reading };
}
