import { afterAll, beforeAll } from 'vitest';
import type { TestFleet } from './fleet.js';

/** A fleet as its clients see it, wherever its parts run. */
export type ServedFleet = Omit<TestFleet, 'fleet'>;

/** A fleet that all tests of a block share: starting one takes longer than most tests. Closed after the last of them. */
export function shareFleet<Fleet extends AsyncDisposable>(start: () => Promise<Fleet>): () => Fleet {
  let fleet: Fleet | null = null;
  beforeAll(async () => {
    fleet = await start();
  });
  afterAll(() => fleet?.[Symbol.asyncDispose]());
  return () => {
    if (!fleet) throw new Error('The fleet is there for tests only, after it has started');
    return fleet;
  };
}
