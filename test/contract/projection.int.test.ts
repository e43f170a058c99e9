import { ulid } from 'ulid';
import { afterAll, expect, test } from 'vitest';
import { type Projection, rebuildProjection, runProjection } from '../../platform/projection/projection.js';
import { commandOf, jarAggregate, jarDatabase, type JarEvent } from '../testkit/jars.js';
import { hearJars } from '../testkit/heardJars.js';
import { until } from '../testkit/until.js';

const database = await jarDatabase();
afterAll(() => database[Symbol.asyncDispose]());

/** Jars, a tail over them, and a projection that counts events and pebbles per jar in toy.tally. */
async function arrange(options: { failOn?: (position: bigint) => boolean } = {}) {
  const heard = await hearJars(database);
  const { jars, tail } = heard;
  const projection: Projection = {
    name: `tally_${jars.context}`,
    source: jars.context,
    async apply(tx, event) {
      const { count = 0 } = event.data as { count?: number };
      await tx.$executeRaw`INSERT INTO toy.tally VALUES (${event.streamId}, 1, ${count})
        ON CONFLICT (id) DO UPDATE SET events = tally.events + 1, pebbles = tally.pebbles + ${count}`;
      if (options.failOn?.(event.position)) throw new Error(`cannot apply ${event.position}`);
    },
    async clear(tx) {
      await tx.$executeRaw`DELETE FROM toy.tally WHERE id LIKE ${`${jars.context}%`}`;
    },
  };
  return {
    ...heard,
    projection,
    /** An id that `clear` finds. */
    newId: () => `${jars.context}_${ulid()}`,
    run: () => runProjection({ database, projection, tail, onError: (error) => heard.onError(error) }),
  };
}

const tally = async (id: string) => {
  const rows = await database.prisma.$queryRaw<{ events: number; pebbles: number }[]>`
    SELECT events, pebbles FROM toy.tally WHERE id = ${id}`;
  return rows[0] ?? null;
};

const storedCheckpoint = async ({ name }: Projection) =>
  (await database.prisma.checkpoint.findFirst({ where: { name } }))?.position ?? null;

test('a projection applies what happened before it ran and what happens while it runs, each event once', async () => {
  await using world = await arrange();
  const { jars, projection } = world;
  const id = world.newId();
  await jars.make(id);
  await using running = await world.run();
  await jars.add(id, 2);
  await jars.add(id, 3);
  expect(await running.reaches(3n, 5_000)).toBe(true);
  expect(await tally(id)).toEqual({ events: 3, pebbles: 5 });
  expect(await storedCheckpoint(projection)).toBe(3n);
});

test('a projection that was stopped goes on where it was', async () => {
  await using world = await arrange();
  const id = world.newId();
  await world.jars.make(id);
  {
    await using running = await world.run();
    await running.reaches(1n, 5_000);
  }
  await world.jars.add(id, 1);
  await using running = await world.run();
  expect(running.position).toBe(1n);
  await running.reaches(2n, 5_000);
  expect(await tally(id)).toEqual({ events: 2, pebbles: 1 });
});

test('an event that cannot be applied leaves neither rows nor checkpoint, is reported, and is tried again', async () => {
  let broken = true;
  await using world = await arrange({ failOn: (position) => broken && position === 2n });
  const id = world.newId();
  await using running = await world.run();
  await world.jars.make(id);
  await running.reaches(1n, 5_000);
  await world.jars.add(id, 4);
  await until('the failure is reported', () => world.errors.length > 0);
  expect(await tally(id)).toEqual({ events: 1, pebbles: 0 });
  expect(await storedCheckpoint(world.projection)).toBe(1n);
  broken = false;
  expect(await running.reaches(2n, 5_000)).toBe(true);
  expect(await tally(id)).toEqual({ events: 2, pebbles: 4 });
});

test("several runners of one projection apply no event twice, are in nobody's way, and all know how far it is", async () => {
  await using world = await arrange();
  const id = world.newId();
  await world.jars.make(id);
  await using first = await world.run();
  await using second = await world.run();
  await using third = await world.run();
  for (let n = 0; n < 20; n++) await world.jars.add(id, 1);
  for (const each of [first, second, third]) expect(await each.reaches(21n, 10_000)).toBe(true);
  expect(await tally(id)).toEqual({ events: 21, pebbles: 20 });
  expect(world.errors).toEqual([]);
});

test('whoever waits for a position is answered when it is reached, or after the time', async () => {
  await using world = await arrange();
  await using running = await world.run();
  expect(await running.reaches(1n, 30)).toBe(false);
  const waiting = running.reaches(1n, 5_000);
  await world.jars.make(world.newId());
  expect(await waiting).toBe(true);
  expect(await running.reaches(1n, 0)).toBe(true);
});

test('a projection that is rebuilt from nothing equals the one that was kept', async () => {
  await using world = await arrange();
  const ids = [world.newId(), world.newId()];
  {
    await using running = await world.run();
    for (const id of ids) await world.jars.make(id);
    for (let n = 0; n < 30; n++) await world.jars.add(ids[n % 2] ?? '', n);
    await running.reaches(32n, 5_000);
  }
  const live = await Promise.all(ids.map(tally));
  await database.prisma.$executeRaw`UPDATE toy.tally SET pebbles = -1 WHERE id = ${ids[0]}`;
  const { projection, jars } = world;
  expect(await rebuildProjection({ database, projection, history: jars.store })).toBe(32n);
  expect(await Promise.all(ids.map(tally))).toEqual(live);
  expect(await storedCheckpoint(projection)).toBe(32n);
});

test('a rebuild that is cut short leaves a projection that the next run completes', async () => {
  let broken = true;
  await using world = await arrange({ failOn: (position) => broken && position === 520n });
  const id = world.newId();
  const { projection, jars } = world;
  await jars.make(id);
  await jars.commands.execute(commandOf('many', {}), async (unit) => {
    const jar = await unit.load(jarAggregate, id);
    const events = Array.from({ length: 600 }, (): JarEvent => ({
      type: 'PebblesAdded',
      data: { count: 1 },
    }));
    await unit.save(jarAggregate, jar, events, null);
  });
  await expect(rebuildProjection({ database, projection, history: jars.store })).rejects.toThrow('520');
  expect(await storedCheckpoint(projection)).toBe(500n);
  broken = false;
  await using running = await world.run();
  await running.reaches(601n, 5_000);
  expect(await tally(id)).toEqual({ events: 601, pebbles: 600 });
});
