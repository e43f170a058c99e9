import { ulid } from 'ulid';
import { afterAll, expect, test } from 'vitest';
import { PublicError, unavailable } from '../../platform/errors.js';
import type { Position, Positioned } from '../../platform/eventStore/event.js';
import { createDatabaseLease } from '../../platform/lease/databaseLease.js';
import type { Lease } from '../../platform/lease/lease.js';
import { type ProcessManager, runProcessManager } from '../../platform/saga/processManager.js';
import { reactionTo } from '../../platform/saga/reaction.js';
import { createJars, jarAggregate, jarDatabase } from '../testkit/jars.js';
import { hearJars } from '../testkit/heardJars.js';
import { leading } from '../testkit/leading.js';
import { until } from '../testkit/until.js';

const database = await jarDatabase();
afterAll(() => database[Symbol.asyncDispose]());

/**
 * Two contexts of jars: for every pebble added to a jar of the first, the manager adds one to the jar of the same id in the
 * second. `trouble` is what it throws for an event, if anything.
 */
async function arrange(
  trouble: (event: Positioned, attempt: number) => Error | null = () => null,
  options: { backOffMs?: number } = {},
) {
  const heard = await hearJars(database);
  const source = heard.jars;
  const target = createJars(database);
  const attempts = new Map<Position, number>();
  const handled: Position[] = [];

  const manager: ProcessManager = {
    name: `mirror_${target.context}`,
    source: source.context,
    types: ['PebblesAdded'],
    async react(event) {
      const attempt = (attempts.get(event.position) ?? 0) + 1;
      attempts.set(event.position, attempt);
      const request = reactionTo(event, { manager: 'mirror', command: 'mirrorPebble' });
      await target.commands.execute(request, async (unit) => {
        const jar = await unit.load(jarAggregate, `mirror_${event.streamId}`);
        const making = jar.version === 0 ? [{ type: 'JarMade' as const, data: { label: '' } }] : [];
        await unit.save(jarAggregate, jar, [...making, { type: 'PebblesAdded', data: { count: 1 } }], null);
      });
      const error = trouble(event, attempt);
      if (error) throw error;
      handled.push(event.position);
    },
  };
  const readEvent = async (position: Position) =>
    (await source.store.readContext(position - 1n, 1))[0] ?? null;
  return {
    ...heard,
    source,
    target,
    attempts,
    handled,
    run: (lease: Lease = leading) =>
      runProcessManager({
        database,
        context: target.context,
        manager,
        lease,
        tail: heard.tail,
        readEvent,
        onError: (error) => heard.onError(error),
        backOffMs: options.backOffMs ?? 5,
      }),
    mirrored: async (id: string) =>
      (await target.store.load(jarAggregate, `mirror_${id}`)).state?.pebbles ?? 0,
    letters: () =>
      database.prisma.deadLetter.findMany({
        where: { consumer: manager.name },
        orderBy: { position: 'asc' },
      }),
  };
}

const newJar = async (jars: ReturnType<typeof createJars>) => {
  const id = `jar_${ulid()}`;
  await jars.make(id);
  return id;
};

const poison = () => new PublicError('NO', 'It does not want to', 'Ask it nicely.');

test('each event leads to its command once, though it is handled twice', async () => {
  await using world = await arrange((_, attempt) => (attempt === 1 ? new Error('after the effect') : null));
  await using running = await world.run();
  const id = await newJar(world.source);
  await world.source.add(id, 1);
  await world.source.add(id, 1);
  await until('both are handled', () => running.position === 3n);
  expect(world.handled).toEqual([2n, 3n]);
  expect(world.attempts.get(2n)).toBe(2);
  expect(await world.mirrored(id)).toBe(2);
});

test('what a manager does says which event caused it, and for whom', async () => {
  await using world = await arrange();
  await using running = await world.run();
  const id = await newJar(world.source);
  const { eventId } = await world.source.add(id, 1, { correlationId: 'whole story' });
  await until('it is handled', () => running.position === 2n);
  const [, effect] = await world.target.store.readStream(`mirror_${id}`);
  expect(effect).toMatchObject({
    actor: { id: 'system:mirror', kind: 'SYSTEM' },
    onBehalfOf: 'user_1',
    causationId: eventId,
    correlationId: 'whole story',
  });
});

test('a poison event is parked with its reason, and only its own stream waits behind it', async () => {
  const bad = new Set<string>();
  await using world = await arrange((event) => (bad.has(event.streamId) ? poison() : null));
  await using running = await world.run();
  const [sick, well] = [await newJar(world.source), await newJar(world.source)];
  bad.add(sick);
  for (const id of [sick, well, sick, well]) await world.source.add(id, 1);
  await until('all are passed', () => running.position === 6n);
  expect(world.handled).toEqual([4n, 6n]);
  expect(await world.letters()).toMatchObject([
    { position: 3n, streamId: sick, kind: 'FAILED', reason: 'It does not want to', attempts: 1 },
    { position: 5n, streamId: sick, kind: 'BEHIND', attempts: 0 },
  ]);
});

test('an unknown error gets four attempts before its event is parked', async () => {
  await using world = await arrange(() => new Error('odd'));
  await using running = await world.run();
  const id = await newJar(world.source);
  await world.source.add(id, 1);
  await until('it is parked', () => running.position === 2n);
  expect(await world.letters()).toMatchObject([
    { position: 2n, reason: "Unexpected error; the log has it under the event's id.", attempts: 4 },
  ]);
  expect(world.errors).toMatchObject([{ message: 'odd' }]);
  expect(world.attempts.get(2n)).toBe(4);
});

test('an outage of what the manager needs parks nothing: it waits, and goes on in order', async () => {
  let away = true;
  await using world = await arrange(() => (away ? unavailable('The other part') : null));
  await using running = await world.run();
  const id = await newJar(world.source);
  await world.source.add(id, 1);
  await world.source.add(id, 1);
  await until('it has been tried more often than poison is', () => (world.attempts.get(2n) ?? 0) > 4);
  expect(running.position).toBeLessThan(2n);
  expect(world.errors.length).toBeGreaterThan(0);
  away = false;
  await until('both are handled', () => running.position === 3n);
  expect(world.handled).toEqual([2n, 3n]);
  expect(await world.letters()).toEqual([]);
});

test('a replay handles the parked events of a stream in order, and frees it', async () => {
  let sick = true;
  await using world = await arrange(() => (sick ? poison() : null));
  await using running = await world.run();
  const id = await newJar(world.source);
  for (let n = 0; n < 3; n++) await world.source.add(id, 1);
  await until('all are parked', () => running.position === 4n);
  expect(await running.replay(id)).toBe(0);
  expect(await world.letters()).toMatchObject([
    { kind: 'FAILED', attempts: 2 },
    { kind: 'BEHIND', attempts: 0 },
    { kind: 'BEHIND', attempts: 0 },
  ]);
  sick = false;
  expect(await running.replay(id)).toBe(3);
  await world.source.add(id, 1);
  await until('the next is handled', () => running.position === 5n);
  expect(world.handled).toEqual([2n, 3n, 4n, 5n]);
  expect(await world.letters()).toEqual([]);
  expect(await world.mirrored(id)).toBe(4);
});

test('a stream that changes while it is replayed keeps its order', async () => {
  let sick = true;
  await using world = await arrange(() => (sick ? poison() : null));
  await using running = await world.run();
  const id = await newJar(world.source);
  for (let n = 0; n < 5; n++) await world.source.add(id, 1);
  await until('all are parked', () => running.position === 6n);
  sick = false;
  const adding = Promise.all(Array.from({ length: 5 }, () => world.source.add(id, 1)));
  await running.replay(id);
  await adding;
  await until('all are passed', () => running.position === 11n);
  await running.replay(id);
  expect(world.handled).toEqual([2n, 3n, 4n, 5n, 6n, 7n, 8n, 9n, 10n, 11n]);
});

test('a restart goes on where the manager was, and remembers what is parked', async () => {
  const bad = new Set<string>();
  await using world = await arrange((event) => (bad.has(event.streamId) ? poison() : null));
  const [sick, well] = [await newJar(world.source), await newJar(world.source)];
  bad.add(sick);
  {
    await using running = await world.run();
    for (const id of [sick, well]) await world.source.add(id, 1);
    await until('both are passed', () => running.position === 4n);
  }
  bad.clear();
  for (const id of [sick, well]) await world.source.add(id, 1);
  await using running = await world.run();
  await until('all are passed', () => running.position === 6n);
  expect(world.handled).toEqual([4n, 6n]);
  expect((await world.letters()).map(({ kind }) => kind)).toEqual(['FAILED', 'BEHIND']);
});

test('a manager that is stopped while it tries an event has not passed it', async () => {
  let sick = true;
  await using world = await arrange(() => (sick ? new Error('odd') : null), { backOffMs: 60_000 });
  const id = await newJar(world.source);
  {
    await using running = await world.run();
    await world.source.add(id, 1);
    await until('it is being tried', () => world.attempts.get(2n) === 1);
    expect(running.position).toBeLessThan(2n);
  }
  expect(await world.letters()).toEqual([]);
  sick = false;
  await using running = await world.run();
  await until('it is handled', () => running.position === 2n);
  expect(world.handled).toEqual([2n]);
});

/** Two processes that run the manager; the first leads. */
async function runTwice(world: Awaited<ReturnType<typeof arrange>>) {
  const replica = async () => {
    const onError = (error: unknown) => expect.fail(String(error));
    const lease = createDatabaseLease({ database, name: world.target.context, termMs: 2_000, onError });
    await lease.start();
    return { lease, running: await world.run(lease) };
  };
  const replicas = [await replica(), await replica()] as const;
  const stop = async ({ lease, running }: (typeof replicas)[number]) => {
    await running[Symbol.asyncDispose]();
    await lease[Symbol.asyncDispose]();
  };
  return {
    leader: replicas[0],
    follower: replicas[1],
    stop,
    [Symbol.asyncDispose]: async () => {
      for (const each of replicas) await stop(each);
    },
  };
}

test('of two processes one reacts; the other knows how far it is, and goes on behind it when it leads', async () => {
  await using world = await arrange();
  await using both = await runTwice(world);
  const { leader, follower } = both;
  const id = await newJar(world.source);
  for (let n = 0; n < 3; n++) await world.source.add(id, 1);
  expect(await follower.running.reaches(4n, 5_000)).toBe(true);
  expect(world.handled).toEqual([2n, 3n, 4n]);
  expect(await follower.running.reaches(5n, 30)).toBe(false);

  await both.stop(leader);
  for (let n = 0; n < 3; n++) await world.source.add(id, 1);
  expect(await follower.running.reaches(7n, 5_000)).toBe(true);
  expect(world.handled).toEqual([2n, 3n, 4n, 5n, 6n, 7n]);
  expect(await world.mirrored(id)).toBe(6);
});

test('what one process has parked another replays, and the first goes on with the stream', async () => {
  let sick = true;
  await using world = await arrange(() => (sick ? poison() : null));
  await using both = await runTwice(world);
  const id = await newJar(world.source);
  for (let n = 0; n < 3; n++) await world.source.add(id, 1);
  await until('all are parked', async () => (await world.letters()).length === 3);
  sick = false;
  expect(await both.follower.running.replay(id)).toBe(3);
  await world.source.add(id, 1);
  await until('the next is handled', () => world.handled.length === 4);
  expect(world.handled).toEqual([2n, 3n, 4n, 5n]);
  expect(await world.letters()).toEqual([]);
});

test('a stream that is replayed elsewhere while it changes keeps its order, and nothing stays parked', async () => {
  let sick = true;
  await using world = await arrange(() => (sick ? poison() : null));
  await using both = await runTwice(world);
  const id = await newJar(world.source);
  for (let n = 0; n < 5; n++) await world.source.add(id, 1);
  await until('all are parked', async () => (await world.letters()).length === 5);
  sick = false;
  const adding = (async () => {
    for (let n = 0; n < 20; n++) await world.source.add(id, 1);
  })();
  await both.follower.running.replay(id);
  await adding;
  await until('all are handled', () => world.handled.length === 25);
  expect(world.handled).toEqual(Array.from({ length: 25 }, (_, n) => BigInt(n + 2)));
  expect(await world.letters()).toEqual([]);
});
