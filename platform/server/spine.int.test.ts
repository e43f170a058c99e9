import { ulid } from 'ulid';
import { afterAll, expect, test } from 'vitest';
import { commandOf, jarAggregate, jarDatabase } from '../../test/testkit/jars.js';
import { until } from '../../test/testkit/until.js';
import { buildWith } from '../disposables.js';
import { createEventStore } from '../eventStore/eventStore.js';
import { createInProcessLog } from '../log/inProcessLog.js';
import type { Projection } from '../projection/projection.js';
import { createLog } from '../telemetry/log.js';
import { createSpine, type Spine } from './spine.js';
import { createTails } from './tails.js';

const database = await jarDatabase();
afterAll(() => database[Symbol.asyncDispose]());

/** Two contexts in one process; the second tallies the first's pebbles. */
const arrange = (options: { beforeApply?: () => Promise<void> } = {}) =>
  buildWith(async ({ use }) => {
    const log = createLog({ name: 'test', level: 'silent' });
    const eventLog = use(createInProcessLog());
    const history = (context: string) => createEventStore(database.prisma, context);
    const tails = use(createTails({ eventLog, history, log }));
    const spineOf = async (context: string) =>
      use(await createSpine({ context: `${context}_${ulid()}`, database, eventLog, tails, log }));
    const [writer, reader] = [await spineOf('writer'), await spineOf('reader')];
    const tally: Projection = {
      name: `tally_${reader.context}`,
      source: writer.context,
      async apply(tx, event) {
        await options.beforeApply?.();
        await tx.$executeRaw`INSERT INTO toy.tally VALUES (${event.streamId}, 1, 0)
          ON CONFLICT (id) DO UPDATE SET events = tally.events + 1`;
      },
      clear: () => Promise.resolve(),
    };
    return { writer, reader, tally };
  });

const makeJar = async ({ commands }: Spine, id: string) => {
  const answer = await commands.execute(commandOf('make', { id }), async (unit) => {
    const jar = await unit.load(jarAggregate, id);
    await unit.save(jarAggregate, jar, [{ type: 'JarMade', data: { label: '' } }], null);
  });
  return String(answer.position);
};

const tallied = async (id: string) => {
  const rows = await database.prisma.$queryRaw<
    { events: number }[]
  >`SELECT events FROM toy.tally WHERE id = ${id}`;
  return rows[0]?.events ?? 0;
};

test('who was told a position reads its effect in another context at once', async () => {
  await using world = await arrange();
  const { writer, reader, tally } = world;
  await reader.start({ projections: [tally] });
  for (let n = 0; n < 20; n++) {
    const id = `jar_${ulid()}`;
    const position = await makeJar(writer, id);
    expect(await reader.catchUp({ [writer.context]: position })).toBe(true);
    expect(await tallied(id)).toBe(1);
  }
});

test('a projection that stays behind is waited for two seconds, and no longer', async () => {
  let release = () => {};
  const stuck = new Promise<void>((resolve) => (release = resolve));
  await using world = await arrange({ beforeApply: () => stuck });
  const { writer, reader, tally } = world;
  const position = await makeJar(writer, `jar_${ulid()}`);
  await reader.start({ projections: [tally] });
  const began = performance.now();
  expect(await reader.catchUp({ [writer.context]: position })).toBe(false);
  expect(performance.now() - began).toBeGreaterThan(1_900);
  release();
  expect(await reader.catchUp({ [writer.context]: position })).toBe(true);
});

test('positions of contexts that nobody here reads are not waited for', async () => {
  await using world = await arrange();
  expect(await world.reader.catchUp({ elsewhere: '99999' })).toBe(true);
});

test('what another process stored is found without being announced', async () => {
  await using world = await arrange();
  const { writer, reader, tally } = world;
  await reader.start({ projections: [tally] });
  const elsewhere = await buildWith(async ({ use }) => {
    const log = createLog({ name: 'test', level: 'silent' });
    const eventLog = use(createInProcessLog());
    const history = (context: string) => createEventStore(database.prisma, context);
    const tails = use(createTails({ eventLog, history, log }));
    return use(await createSpine({ context: writer.context, database, eventLog, tails, log }));
  });
  await using replica = elsewhere;
  const id = `jar_${ulid()}`;
  await makeJar(replica, id);
  await until('it is tallied', async () => (await tallied(id)) === 1);
});
