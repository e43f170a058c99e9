import { ulid } from 'ulid';
import { expect, test } from 'vitest';
import { PublicError } from '../../platform/errors.js';
import type { Aggregate } from '../../platform/eventStore/aggregate.js';
import { rebuildReadModels } from '../../platform/projection/rebuildInline.js';
import {
  createJars,
  type Jar,
  jarAggregate,
  jarDatabase,
  type JarEvent,
  type Jars,
} from '../testkit/jars.js';
import { dumpSchema, expectLiveEqualsRebuilt } from '../testkit/liveEqualsRebuilt.js';
import { randomsOf } from '../testkit/randoms.js';

const COMMANDS = 200;

/** Any mixture of commands on a few jars; some are refused. */
async function runAtRandom(jars: Jars, { below }: ReturnType<typeof randomsOf>): Promise<void> {
  const ids = Array.from({ length: 12 }, () => `jar_${ulid()}`);
  await Promise.all(ids.map((id) => jars.make(id)));
  let left = COMMANDS;
  const caller = async () => {
    while (left-- > 0) {
      const id = ids[below(ids.length)] ?? '';
      const change = below(2) === 0 ? jars.add(id, 1 + below(9)) : jars.take(id, 1 + below(9));
      await change.catch((error: unknown) => {
        if (!(error instanceof PublicError)) throw error;
      });
    }
  };
  await Promise.all(Array.from({ length: 4 }, caller));
}

async function arrange() {
  const database = await jarDatabase();
  const jars = createJars(database);
  const rebuild = (aggregate: Aggregate<Jar, JarEvent> = jarAggregate) =>
    rebuildReadModels({
      database,
      store: jars.store,
      aggregates: [aggregate],
      clear: async (tx) => void (await tx.$executeRaw`DELETE FROM toy.jar`),
    });
  return { database, jars, rebuild, [Symbol.asyncDispose]: () => database[Symbol.asyncDispose]() };
}

test('after a random run the read model equals the one that is rebuilt from the events, byte by byte', async () => {
  await using world = await arrange();
  const randoms = randomsOf();
  await runAtRandom(world.jars, randoms);
  await expectLiveEqualsRebuilt({ ...world, schema: 'toy' });
});

test('the comparison sees a read model that is off by one', async () => {
  await using world = await arrange();
  await world.jars.make('jar_1');
  await world.database.prisma.$executeRaw`UPDATE toy.jar SET pebbles = 1`;
  await expect(expectLiveEqualsRebuilt({ ...world, schema: 'toy' })).rejects.toThrow('jar_1');
});

test('a rebuild that fails changes nothing', async () => {
  await using world = await arrange();
  await world.jars.make('jar_1');
  await world.jars.add('jar_1', 5);
  const live = await dumpSchema(world.database, 'toy');
  const failing: Aggregate<Jar, JarEvent> = {
    ...jarAggregate,
    project: (tx, entity, events) =>
      entity.version === 2 ? Promise.reject(new Error('no')) : jarAggregate.project(tx, entity, events),
  };
  await expect(world.rebuild(failing)).rejects.toThrow('no');
  expect(await dumpSchema(world.database, 'toy')).toBe(live);
});

test('an event that no aggregate knows stops the rebuild', async () => {
  await using world = await arrange();
  await world.jars.make('jar_1');
  const ignorant: Aggregate<Jar, JarEvent> = { ...jarAggregate, types: ['PebblesAdded'] };
  await expect(world.rebuild(ignorant)).rejects.toThrow('JarMade');
});
