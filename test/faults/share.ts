import { randomsOf } from '../testkit/randoms.js';

/**
 * The cases of a fault matrix that this run goes through: every one in `npm run test:faults`, which says FAULTS=all, else
 * so many, drawn by a seed that is printed. `TEST_SEED=<seed>` draws the same again.
 */
export function shareOf<Case>(what: string, cases: readonly Case[], atMost: number): readonly Case[] {
  if (process.env['FAULTS'] === 'all') return cases;
  const { seed, below } = randomsOf();
  const left = [...cases];
  const drawn = Array.from({ length: Math.min(atMost, left.length) }, () =>
    left.splice(below(left.length), 1),
  );
  console.log(`${what}: ${drawn.flat().join(', ')} of ${cases.length} (TEST_SEED=${seed})`);
  return drawn.flat();
}
