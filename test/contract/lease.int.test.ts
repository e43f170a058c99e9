import { ulid } from 'ulid';
import { afterAll, expect, test } from 'vitest';
import type { Database } from '../../platform/database/database.js';
import { createDatabaseLease, type DatabaseLease } from '../../platform/lease/databaseLease.js';
import { isLatestTerm } from '../../platform/lease/fence.js';
import { openCheckpoint } from '../../platform/lease/fencedCheckpoint.js';
import { inEachTerm, TermOver } from '../../platform/lease/lease.js';
import { testDatabase } from '../testkit/testDatabase.js';
import { until } from '../testkit/until.js';

const database = await testDatabase();
afterAll(() => database[Symbol.asyncDispose]());

const TERM_MS = 1_000;

const fail = (error: unknown) => expect.fail(String(error));

/** Those who compete for one lease. */
function arrange() {
  const name = `lease_${ulid()}`;
  const compete = async (on: Database = database, termMs = TERM_MS) => {
    const lease = createDatabaseLease({ database: on, name, termMs, onError: fail });
    await lease.start();
    return lease;
  };
  return { name, compete };
}

const epochOf = (lease: DatabaseLease) => lease.term()?.epoch ?? null;

const leads = (lease: DatabaseLease) => until('it leads', () => lease.term() !== null);

/** A database whose renewals of leases get no answer, as if the process that asks were paused or cut off. */
function cutOff({ isCutOff }: { isCutOff: () => boolean }): Database {
  const prisma = database.prisma.$extends({
    query: {
      $executeRaw: ({ args, query }) => (isCutOff() ? new Promise(() => {}) : query(args)),
    },
  });
  return { ...database, prisma: prisma as unknown as Database['prisma'] };
}

test('of several that ask at once one leads, and whoever follows has a greater epoch', async () => {
  const { compete } = arrange();
  const leases = await Promise.all([1, 2, 3, 4].map(() => compete()));
  let last = 0n;
  for (let left = leases.length; left > 0; left--) {
    await until('somebody leads', () => leases.some((lease) => lease.term() !== null));
    const leaders = leases.filter((lease) => lease.term() !== null);
    expect(leaders).toHaveLength(1);
    const [leader] = leaders as [DatabaseLease];
    expect(epochOf(leader)).toBeGreaterThan(last);
    last = epochOf(leader) ?? 0n;
    await leader[Symbol.asyncDispose]();
    expect(leader.term()).toBeNull();
  }
});

test('whoever renews leads on, in the same term, however many terms could have passed', async () => {
  const { compete } = arrange();
  await using leader = await compete();
  await using follower = await compete();
  const epoch = epochOf(leader);
  const begun = performance.now();
  await until('three terms could have passed', () => performance.now() > begun + 3 * TERM_MS);
  expect([epochOf(leader), epochOf(follower)]).toEqual([epoch, null]);
});

test('a lease that is given back is taken long before its term ends', async () => {
  const { compete } = arrange();
  const termMs = 60_000;
  const leader = await compete(database, termMs);
  await using follower = await compete(database, termMs);
  const following = follower.next(new AbortController().signal);
  await leader[Symbol.asyncDispose]();
  expect((await following)?.epoch).toBe(2n);
});

test('a leader that cannot renew stops before anybody else leads, and knows it', async () => {
  const { compete } = arrange();
  let isCutOff = false;
  const leader = await compete(cutOff({ isCutOff: () => isCutOff }));
  await using follower = await compete();
  const term = await leader.next(new AbortController().signal);
  let overMs = 0;
  term?.over.addEventListener('abort', () => (overMs = performance.now()));
  isCutOff = true;
  await leads(follower);
  const takenMs = performance.now();
  expect(overMs).toBeGreaterThan(0);
  expect(overMs).toBeLessThan(takenMs);
  expect([term?.isOver(), leader.term()]).toEqual([true, null]);
});

test('a process that was paused finds its term over before it does anything', async () => {
  const { compete } = arrange();
  await using leader = await compete();
  const term = await leader.next(new AbortController().signal);
  const begun = performance.now();
  // As after SIGCONT: time has passed, and no timer has run yet.
  while (performance.now() < begun + TERM_MS);
  expect(term?.over.aborted).toBe(false);
  expect([term?.isOver(), leader.term()]).toEqual([true, null]);
  await leads(leader);
  expect(epochOf(leader)).toBeGreaterThan(term?.epoch ?? 0n);
});

test('work is done in every term, and its failure does not end a term', async () => {
  const { compete } = arrange();
  const lease = await compete();
  const stop = new AbortController();
  const epochs: bigint[] = [];
  const errors: unknown[] = [];
  const working = inEachTerm({
    lease,
    signal: stop.signal,
    onError: (error) => errors.push(error),
    async work(term, signal) {
      epochs.push(term.epoch);
      if (epochs.length === 1) throw new Error('once');
      await new Promise((resolve) => signal.addEventListener('abort', resolve));
    },
  });
  await until('it works again', () => epochs.length === 2);
  expect([epochs, errors]).toEqual([[1n, 1n], [new Error('once')]]);
  await lease[Symbol.asyncDispose]();
  stop.abort();
  await working;
});

test('a checkpoint that a later leader has opened is moved by no earlier one', async () => {
  const key = { name: 'reader', context: `context_${ulid()}` };
  const first = await openCheckpoint(database, key, { epoch: 1n });
  await first.moveTo(5n);
  const second = await openCheckpoint(database, key, { epoch: 2n });
  expect(second.position).toBe(5n);
  await expect(first.moveTo(9n)).rejects.toThrow(TermOver);
  await expect(openCheckpoint(database, key, { epoch: 1n })).rejects.toThrow(TermOver);
  await second.moveTo(7n);
  expect((await openCheckpoint(database, key, { epoch: 2n })).position).toBe(7n);
});

test('what a statement writes only in the latest term is not written by an earlier leader', async () => {
  const { compete } = arrange();
  const first = await compete();
  const term = await first.next(new AbortController().signal);
  if (!term) return expect.fail('nobody leads');
  const key = ulid();
  const write = (position: number) => database.prisma.$executeRaw`
    WITH fence AS (${isLatestTerm(first, term)})
    INSERT INTO eventlog.checkpoint (name, context, position) SELECT ${key}, ${String(position)}, ${position} FROM fence`;
  expect(await write(1)).toBe(1);
  await first[Symbol.asyncDispose]();
  // Nobody has followed: what was begun in the term may be finished.
  expect(await write(2)).toBe(1);
  await using second = await compete();
  await leads(second);
  expect(await write(3)).toBe(0);
});
