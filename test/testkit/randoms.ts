/** Random choices that can be had again: TEST_SEED repeats a run; without it every run has a seed of its own. */
export function randomsOf(seed = Number(process.env.TEST_SEED ?? Date.now() % 1_000_000_007)) {
  let state = seed | 0;
  // mulberry32
  const next = (): number => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
  return {
    seed,
    /** At least 0, less than 1. */
    next,
    /** A whole number of 0 … limit - 1. */
    below: (limit: number): number => Math.floor(next() * limit),
  };
}
