import fc from 'fast-check';
import { expect, test } from 'vitest';
import { announced } from '../../test/testkit/announced.js';
import { until } from '../../test/testkit/until.js';
import type { Position, Positioned } from '../eventStore/event.js';
import { createInProcessLog } from './inProcessLog.js';
import { createTail } from './tail.js';

const CONTEXT = 'toy';

/** A history in memory that grows with `commit`; whether the log hears of it is the test's choice. */
async function arrange(options: { stored?: number; ringMax?: number; pollMs?: number } = {}) {
  const events: Positioned[] = [];
  const log = createInProcessLog({ pollMs: options.pollMs ?? 10 });
  const commit = (count: number) => {
    const fresh = Array.from({ length: count }, (_, n) => announced(CONTEXT, BigInt(events.length + n + 1)));
    events.push(...fresh);
    return fresh;
  };
  commit(options.stored ?? 0);
  let reads = 0;
  let outage: Error | null = null;
  const history = {
    context: CONTEXT,
    readContext: async (after: Position, limit: number) => {
      reads++;
      await new Promise(setImmediate);
      if (outage) throw outage;
      return events.slice(Number(after), Number(after) + limit);
    },
    head: () => Promise.resolve(BigInt(events.length)),
  };
  const errors: unknown[] = [];
  const tail = await createTail({
    history,
    log,
    onError: (error) => errors.push(error),
    ...(options.ringMax !== undefined && { ringMax: options.ringMax }),
  });
  return {
    tail,
    commit,
    errors,
    announce: (fresh: Positioned[]) => log.publish(CONTEXT, fresh),
    reads: () => reads,
    fail: (error: Error | null) => (outage = error),
    [Symbol.asyncDispose]: () => tail[Symbol.asyncDispose](),
  };
}

type World = Awaited<ReturnType<typeof arrange>>;

/** Reads from a position until the given one. */
async function readUntil({ tail }: World, after: Position, last: Position): Promise<Position[]> {
  const stop = new AbortController();
  const seen: Position[] = [];
  for await (const batch of tail.from(after, stop.signal)) {
    seen.push(...batch.map(({ position }) => position));
    if (seen.at(-1) === last) stop.abort();
  }
  return seen;
}

const range = (from: number, to: number) => Array.from({ length: to - from + 1 }, (_, n) => BigInt(from + n));

test('a reader gets every event after its position, once and in order, from history and from memory', async () => {
  await using world = await arrange({ stored: 1_200 });
  const reading = readUntil(world, 3n, 1_500n);
  await world.announce(world.commit(300));
  expect(await reading).toEqual(range(4, 1_500));
});

test('what somebody knows of is read at once, whether or not it is announced', async () => {
  await using world = await arrange({ stored: 3, pollMs: 60_000 });
  const reading = readUntil(world, 0n, 5n);
  world.commit(2);
  world.tail.expect(5n);
  expect(await reading).toEqual(range(1, 5));
  const before = world.reads();
  world.tail.expect(5n);
  expect(world.reads()).toBe(before);
});

test('what the tail holds in memory costs no read of the history', async () => {
  await using world = await arrange({ pollMs: 60_000 });
  await world.announce(world.commit(50));
  const before = world.reads();
  expect(await readUntil(world, 10n, 50n)).toEqual(range(11, 50));
  expect(world.reads()).toBe(before);
});

test('what has left the memory is read from the history', async () => {
  await using world = await arrange({ ringMax: 10 });
  for (let n = 0; n < 20; n++) await world.announce(world.commit(7));
  expect(await readUntil(world, 0n, 140n)).toEqual(range(1, 140));
});

test('announcements that were lost, repeated or mixed up change nothing', async () => {
  await using world = await arrange();
  const [one, two, three] = [world.commit(3), world.commit(3), world.commit(3)];
  const reading = readUntil(world, 0n, 12n);
  await world.announce(three);
  await world.announce([...one, ...one, ...two]);
  await world.announce([...two, ...one]);
  world.commit(3);
  expect(await reading).toEqual(range(1, 12));
});

test('a history that fails for a while is reported, and nothing is lost', async () => {
  await using world = await arrange();
  world.fail(new Error('away'));
  world.commit(5);
  await until('it is reported', () => world.errors.length > 0);
  world.fail(null);
  expect(await readUntil(world, 0n, 5n)).toEqual(range(1, 5));
});

test('an abort ends a waiting reader at once, and one that was aborted before it began', async () => {
  await using world = await arrange({ stored: 5 });
  const stop = new AbortController();
  const waiting = world.tail.from(5n, stop.signal)[Symbol.asyncIterator]().next();
  stop.abort();
  expect(await waiting).toEqual({ done: true, value: undefined });
  expect(await world.tail.from(5n, AbortSignal.abort())[Symbol.asyncIterator]().next()).toMatchObject({
    done: true,
  });
});

test('closing the tail ends its readers', async () => {
  const world = await arrange({ stored: 5 });
  const waiting = world.tail.from(5n, new AbortController().signal)[Symbol.asyncIterator]().next();
  await world.tail[Symbol.asyncDispose]();
  expect(await waiting).toMatchObject({ done: true });
});

test('readers from any positions, under any pattern of announcements, see a contiguous range', async () => {
  const step = fc.record({ count: fc.integer({ min: 1, max: 9 }), heard: fc.boolean(), again: fc.boolean() });
  await fc.assert(
    fc.asyncProperty(
      fc.integer({ min: 0, max: 20 }),
      fc.integer({ min: 1, max: 8 }),
      fc.array(step, { minLength: 1, maxLength: 15 }),
      fc.array(fc.nat(20), { minLength: 1, maxLength: 4 }),
      async (stored, ringMax, steps, starts) => {
        await using world = await arrange({ stored, ringMax });
        const last = stored + steps.reduce((sum, { count }) => sum + count, 0);
        const from = starts.map((start) => Math.min(start, stored));
        const reading = from.map((start) => readUntil(world, BigInt(start), BigInt(last)));
        for (const { count, heard, again } of steps) {
          const fresh = world.commit(count);
          if (heard) await world.announce(fresh);
          if (again) await world.announce(fresh);
          await new Promise(setImmediate);
        }
        for (const [n, start] of from.entries()) expect(await reading[n]).toEqual(range(start + 1, last));
      },
    ),
    { numRuns: 60 },
  );
});
