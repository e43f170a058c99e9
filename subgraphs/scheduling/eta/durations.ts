/** How long an attempt ran, of how long it was allowed to. */
export type FinishedRun = {
  projectId: string;
  gpuModelId: string;
  seconds: number;
  maxRuntimeSeconds: number;
};

/** Ascending parts of their limits that comparable runs used. Empty where too few are known. */
export type UsedParts = readonly number[];

export type Durations = ReturnType<typeof createDurations>;

const KEPT = 500;
/** Fewer say nothing about a project's runs on a model, and those of all projects are looked at. */
const ENOUGH = 20;
const ENOUGH_AT_ALL = 5;

/**
 * What finished runs used of their limits: of the same project on the same model, else of the model, else of all. Parts of
 * a limit compare, whatever the limit.
 */
export function createDurations() {
  const newest = new Map<string, number[]>();
  const sorted = new Map<string, UsedParts>();

  function add(key: string, part: number): void {
    const parts = newest.get(key) ?? [];
    parts.push(part);
    if (parts.length > KEPT) parts.shift();
    newest.set(key, parts);
    sorted.delete(key);
  }

  function partsOf(key: string): UsedParts {
    const known = sorted.get(key) ?? [...(newest.get(key) ?? [])].sort((a, b) => a - b);
    sorted.set(key, known);
    return known;
  }

  return {
    /** Oldest first. */
    add({ projectId, gpuModelId, seconds, maxRuntimeSeconds }: FinishedRun): void {
      const part = Math.min(1, Math.max(0, seconds / maxRuntimeSeconds));
      for (const key of [`${projectId} ${gpuModelId}`, gpuModelId, '']) add(key, part);
    },

    /** Whether there is any ground to say how long runs take. */
    get areKnown(): boolean {
      return partsOf('').length >= ENOUGH_AT_ALL;
    },

    of(projectId: string, gpuModelId: string): UsedParts {
      for (const key of [`${projectId} ${gpuModelId}`, gpuModelId]) {
        const parts = partsOf(key);
        if (parts.length >= ENOUGH) return parts;
      }
      const all = partsOf('');
      return all.length >= ENOUGH_AT_ALL ? all : [];
    },
  };
}

/**
 * How many more seconds a run goes on that has gone on for `elapsed`: as one of those that lasted longer, drawn by
 * `random` (from 0, below 1). Where none is known to have lasted so long it is the limit that ends it.
 */
export function drawRemaining(
  parts: UsedParts,
  limitSeconds: number,
  elapsed: number,
  random: number,
): number {
  const passed = elapsed / limitSeconds;
  let [low, high] = [0, parts.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((parts[middle] ?? 0) <= passed) low = middle + 1;
    else high = middle;
  }
  const part = parts[low + Math.floor(random * (parts.length - low))] ?? 1;
  return Math.max(0, part * limitSeconds - elapsed);
}
