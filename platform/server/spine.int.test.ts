import { ulid } from 'ulid';
import { afterAll, expect, test } from 'vitest';
import { commandOf, jarAggregate, jarDatabase } from '../../test/testkit/jars.js';
import { recordSpans } from '../../test/testkit/recordedSpans.js';
import { until } from '../../test/testkit/until.js';
import { buildWith } from '../disposables.js';
import { badUserInput } from '../errors.js';
import { createEventStore } from '../eventStore/eventStore.js';
import { createInProcessLog } from '../log/inProcessLog.js';
import type { EventLog } from '../log/log.js';
import type { Projection } from '../projection/projection.js';
import type { ProcessManager } from '../saga/processManager.js';
import { createLog } from '../telemetry/log.js';
import { registry } from '../telemetry/metrics.js';
import { createSpine, type Spine } from './spine.js';
import { createTails } from './tails.js';

const database = await jarDatabase();
afterAll(() => database[Symbol.asyncDispose]());

/** A log that is away, beside histories that nobody looks at by himself. */
const createSilentLog = (): EventLog => ({
  ...createInProcessLog({ pollMs: 600_000 }),
  publish: () => Promise.reject(new Error('away')),
});

/** Two contexts in one process; the second tallies the first's pebbles. */
const arrange = (options: { beforeApply?: () => Promise<void>; eventLog?: EventLog } = {}) =>
  buildWith(async ({ use }) => {
    const log = createLog({ name: 'test', level: 'silent' });
    const eventLog = use(options.eventLog ?? createInProcessLog());
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

test('who was told a position need not wait for its announcement', async () => {
  await using world = await arrange({ eventLog: createSilentLog() });
  const { writer, reader, tally } = world;
  await reader.start({ projections: [tally] });
  const id = `jar_${ulid()}`;
  const position = await makeJar(writer, id);
  expect(await reader.catchUp({ [writer.context]: position })).toBe(true);
  expect(await tallied(id)).toBe(1);
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

/** A process manager of the writer's events, which understands none of them. */
const lost = ({ context }: Spine): ProcessManager => ({
  name: `lost_${context}`,
  source: context,
  types: ['JarMade'],
  react: () => Promise.reject(badUserInput([])),
});

/** The values of a metric by one of its labels, of one context. */
async function valuesOf(metric: string, context: string, label: string): Promise<Record<string, number>> {
  const { values } = (await registry.getSingleMetric(metric)?.get()) ?? { values: [] };
  const own = values.filter(({ labels }) => labels['context'] === context);
  return Object.fromEntries(own.map(({ labels, value }) => [String(labels[label]), value]));
}

test('metrics tell how far a context is, who does what, and what is parked, until it ends', async () => {
  await using world = await arrange();
  const { writer, reader, tally } = world;
  const manager = lost(writer);
  await reader.start({ projections: [tally], processManagers: [manager] });
  let position = '';
  for (let n = 0; n < 3; n++) position = await makeJar(writer, `jar_${ulid()}`);
  await reader.catchUp({ [writer.context]: position });
  await until('three events are parked', async () => {
    const parked = await valuesOf('fleetgraph_dead_letters', reader.context, 'reader');
    return parked[manager.name] === 3;
  });
  await reader.reacted(manager.name, { [writer.context]: position });
  await until('the checkpoint is written', async () => {
    const positions = await valuesOf('fleetgraph_reader_position', reader.context, 'reader');
    return positions[manager.name] === 3;
  });
  expect(await valuesOf('fleetgraph_event_store_position', writer.context, 'context')).toEqual({
    [writer.context]: 3,
  });
  expect(await valuesOf('fleetgraph_reader_position', reader.context, 'kind')).toEqual({
    projection: 3,
    process_manager: 3,
  });
  expect(await valuesOf('fleetgraph_reader_lag_events', reader.context, 'kind')).toEqual({
    projection: 0,
    process_manager: 0,
  });
  expect(await valuesOf('fleetgraph_lease_held', reader.context, 'part')).toEqual({ work: 1 });

  await world[Symbol.asyncDispose]();
  expect(await valuesOf('fleetgraph_lease_held', reader.context, 'part')).toEqual({});
});

test('what other contexts make of an event is a part of its trace', async () => {
  await using world = await arrange();
  const { writer, reader, tally } = world;
  const spans = recordSpans();
  const manager = { ...lost(writer), react: () => Promise.resolve() };
  await reader.start({ projections: [tally], processManagers: [manager] });
  await makeJar(writer, `jar_${ulid()}`);
  const find = (start: string) => spans().find(({ name }) => name.startsWith(start));
  await until('all have heard of it', async () =>
    ['publish', 'apply', 'react'].every((start) => find(start) !== undefined),
  );
  const command = find('command')?.spanContext();
  for (const start of ['publish', 'apply', 'react']) {
    expect(find(start)?.spanContext().traceId).toBe(command?.traceId);
    expect(find(start)?.parentSpanContext?.spanId).toBe(command?.spanId);
  }
});
