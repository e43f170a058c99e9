import fc from 'fast-check';
import { ulid } from 'ulid';
import { v7 as uuidv7 } from 'uuid';
import { afterAll, expect, test } from 'vitest';
import type { Recorded } from '../../platform/eventStore/event.js';
import { ConcurrencyError, createEventStore, type EventStore } from '../../platform/eventStore/eventStore.js';
import type { Upcasters } from '../../platform/eventStore/upcast.js';
import { jarAggregate } from '../testkit/jars.js';
import { testDatabase } from '../testkit/testDatabase.js';

const database = await testDatabase({ poolMax: 10 });
afterAll(() => database[Symbol.asyncDispose]());

/** A store of a context of its own. */
const arrange = (upcasters?: Upcasters) => createEventStore(database.prisma, `test_${ulid()}`, upcasters);

const append = (store: EventStore, ...events: Recorded[]) =>
  database.prisma.$transaction((tx) => store.append(tx, events));

const eventOf = (
  store: EventStore,
  streamId: string,
  version: number,
  fields: Partial<Recorded> = {},
): Recorded => ({
  id: uuidv7(),
  context: store.context,
  streamId,
  version,
  type: 'PebblesAdded',
  schemaVersion: 1,
  data: { count: version },
  projectId: null,
  actor: { id: 'user_1', kind: 'USER' },
  onBehalfOf: null,
  requestId: 'request_1',
  correlationId: 'correlation_1',
  causationId: null,
  occurredAt: '2026-11-21T10:00:00.123Z',
  ...fields,
});

test('what is read back is what was appended, with its position', async () => {
  const store = arrange();
  const event = eventOf(store, 'jar_1', 1, {
    data: { text: 'ünïcode "quoted" \\', deep: { list: [1, null, true, 0.1] } },
    projectId: 'project_1',
    onBehalfOf: 'user_2',
    causationId: 'event_0',
  });
  expect(await append(store, event)).toBe(1n);
  const [read] = await store.readStream('jar_1');
  expect(read).toEqual({ ...event, position: 1n, recordedAt: expect.any(String) as string });
  expect(Math.abs(Date.parse(read?.recordedAt ?? '') - Date.now())).toBeLessThan(60_000);
  expect(await store.readContext(0n, 10)).toEqual([read]);
});

test('one append may move several streams, and keeps the order in which its events were given', async () => {
  const store = arrange();
  const events = [
    eventOf(store, 'b', 1),
    eventOf(store, 'a', 1),
    eventOf(store, 'b', 2),
    eventOf(store, 'a', 2),
  ];
  expect(await append(store, ...events)).toBe(4n);
  const stored = await store.readContext(0n, 10);
  expect(stored.map(({ streamId, version }) => `${streamId}${version}`)).toEqual(['b1', 'a1', 'b2', 'a2']);
  expect(stored.map(({ position }) => position)).toEqual([1n, 2n, 3n, 4n]);
});

test.each([
  { title: 'is there already', version: 1 },
  { title: 'has moved on', version: 2 },
  { title: 'is not there yet', version: 4 },
])('an append to a stream that $title is refused, and stores nothing of any stream', async ({ version }) => {
  const store = arrange();
  await append(store, eventOf(store, 'jar', 1), eventOf(store, 'jar', 2));
  const late = append(store, eventOf(store, 'other', 1), eventOf(store, 'jar', version));
  await expect(late).rejects.toBeInstanceOf(ConcurrencyError);
  expect(await store.head()).toBe(2n);
  expect(await store.readStream('other')).toEqual([]);
});

test('new versions with a gap are refused', async () => {
  const store = arrange();
  await expect(append(store, eventOf(store, 'jar', 1), eventOf(store, 'jar', 3))).rejects.toThrow('gap');
  expect(await store.head()).toBe(0n);
});

test('positions have no gap, whatever is rolled back between them', async () => {
  const store = arrange();
  const outcomes = await Promise.allSettled(
    Array.from({ length: 40 }, (_, n) =>
      database.prisma.$transaction(async (tx) => {
        await store.append(tx, [eventOf(store, `jar_${n}`, 1)]);
        if (n % 3 === 0) throw new Error('changed our mind');
      }),
    ),
  );
  const kept = outcomes.filter(({ status }) => status === 'fulfilled').length;
  expect(kept).toBe(26);
  const positions = (await store.readContext(0n, 100)).map(({ position }) => Number(position));
  expect(positions).toEqual(Array.from({ length: kept }, (_, n) => n + 1));
});

test('each context counts its own positions, and streams of the same name are different streams', async () => {
  const [one, two] = [arrange(), arrange()];
  await append(one, eventOf(one, 'jar', 1));
  expect(await append(two, eventOf(two, 'jar', 1))).toBe(1n);
  expect(await one.readStream('jar')).toHaveLength(1);
});

test('a context is read in pages, and from any position on', async () => {
  const store = arrange();
  await append(store, ...[1, 2, 3, 4, 5].map((version) => eventOf(store, 'jar', version)));
  const positions = async (after: bigint, limit: number) =>
    (await store.readContext(after, limit)).map(({ position }) => position);
  expect(await positions(0n, 2)).toEqual([1n, 2n]);
  expect(await positions(2n, 2)).toEqual([3n, 4n]);
  expect(await positions(4n, 2)).toEqual([5n]);
  expect(await positions(5n, 2)).toEqual([]);
  expect(await store.head()).toBe(5n);
  expect(await arrange().head()).toBe(0n);
});

test('a stream is read from a version on, or up to a time', async () => {
  const store = arrange();
  const at = (second: number) => `2026-11-21T10:00:0${second}.000Z`;
  await append(
    store,
    eventOf(store, 'jar', 1, { type: 'JarMade', data: { label: 'x' }, occurredAt: at(1) }),
    eventOf(store, 'jar', 2, { data: { count: 5 }, occurredAt: at(2) }),
    eventOf(store, 'jar', 3, { data: { count: 2 }, occurredAt: at(3) }),
  );
  const versions = async (range: object) => (await store.readStream('jar', range)).map((e) => e.version);
  expect(await versions({ after: 1 })).toEqual([2, 3]);
  expect(await versions({ until: at(2) })).toEqual([1, 2]);
  expect(await versions({ until: at(0) })).toEqual([]);
  const then = await store.load(jarAggregate, 'jar', { until: at(2) });
  expect(then).toMatchObject({ version: 2, state: { pebbles: 5 }, createdAt: at(1), updatedAt: at(2) });
});

test('an event of an old schema version is lifted step by step when it is read', async () => {
  const upcasters: Upcasters = {
    PebblesAdded: [
      (data) => ({ pebbles: (data as { count: number }).count }),
      (data) => ({ ...data, colour: 'grey' }),
    ],
  };
  const store = arrange(upcasters);
  await append(
    store,
    eventOf(store, 'jar', 1),
    eventOf(store, 'jar', 2, { schemaVersion: 2, data: { pebbles: 7 } }),
  );
  const read = await store.readStream('jar');
  expect(read.map(({ data }) => data)).toEqual([
    { pebbles: 1, colour: 'grey' },
    { pebbles: 7, colour: 'grey' },
  ]);
  expect(read.map(({ schemaVersion }) => schemaVersion)).toEqual([3, 3]);
  expect(store.schemaVersion('PebblesAdded')).toBe(3);
  expect(store.schemaVersion('JarMade')).toBe(1);
});

test('an event of a schema version that this program does not know is not guessed at', async () => {
  const store = arrange();
  await append(store, eventOf(store, 'jar', 1, { schemaVersion: 2 }));
  await expect(store.readStream('jar')).rejects.toThrow('schema version 2');
});

test.each([
  `UPDATE eventlog.event SET type = 'Forged'`,
  `DELETE FROM eventlog.event`,
  `TRUNCATE eventlog.event`,
  `DROP TABLE eventlog.event`,
  `ALTER TABLE eventlog.event DISABLE TRIGGER ALL`,
  `UPDATE eventlog.stream SET version = 0`,
  `INSERT INTO eventlog.stream VALUES ('c', 's', 1)`,
  `INSERT INTO eventlog.event SELECT * FROM eventlog.event`,
  `CREATE OR REPLACE FUNCTION eventlog.append(text, integer, jsonb) RETURNS bigint LANGUAGE sql AS 'SELECT 1'`,
])('the running application cannot rewrite history: %s', async (statement) => {
  const store = arrange();
  await append(store, eventOf(store, 'jar', 1));
  await expect(database.prisma.$executeRawUnsafe(statement)).rejects.toThrow(
    /permission denied|must be owner/,
  );
  expect(await store.readStream('jar')).toHaveLength(1);
});

test('the running application owns nothing in the database', async () => {
  const owned = await database.prisma.$queryRaw`
    SELECT relname FROM pg_class WHERE relowner = 'fleetgraph_runtime'::regrole`;
  expect(owned).toEqual([]);
  const [session] = await database.prisma.$queryRaw<{ role: string; superuser: boolean }[]>`
    SELECT current_user::text AS role, rolsuper AS superuser FROM pg_roles WHERE rolname = current_user`;
  expect(session).toEqual({ role: 'fleetgraph_runtime', superuser: false });
});

test('any sequence of appends stores what a list in memory would hold', async () => {
  const step = fc.record({
    stream: fc.constantFrom('a', 'b', 'c'),
    count: fc.integer({ min: 1, max: 3 }),
    stale: fc.boolean(),
  });
  const sequence = fc.array(fc.array(step, { minLength: 1, maxLength: 3 }), { maxLength: 12 });
  await fc.assert(
    fc.asyncProperty(sequence, async (appends) => {
      const store = arrange();
      const versions = new Map<string, number>();
      const expected: string[] = [];
      for (const steps of appends) {
        const moved = new Map(versions);
        const stale = steps.some((each) => each.stale);
        const events = steps.flatMap(({ stream, count }) =>
          Array.from({ length: count }, () => {
            moved.set(stream, (moved.get(stream) ?? 0) + 1);
            return eventOf(store, stream, (moved.get(stream) ?? 0) + (stale ? 1 : 0));
          }),
        );
        const refused = await append(store, ...events).then(
          () => false,
          (error: unknown) => error instanceof ConcurrencyError,
        );
        expect(refused).toBe(stale);
        if (refused) continue;
        for (const [stream, version] of moved) versions.set(stream, version);
        expected.push(...events.map(({ id }) => id));
      }
      expect((await store.readContext(0n, 1_000)).map(({ id }) => id)).toEqual(expected);
    }),
    { numRuns: 25 },
  );
});
