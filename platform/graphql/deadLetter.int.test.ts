import { ulid } from 'ulid';
import { expect, test } from 'vitest';
import { createJars, jarDatabase } from '../../test/testkit/jars.js';
import { until } from '../../test/testkit/until.js';
import { buildWith } from '../disposables.js';
import { forbidden } from '../errors.js';
import { createEventStore } from '../eventStore/eventStore.js';
import { type Principal, systemPrincipal } from '../identity/principal.js';
import { createInProcessLog } from '../log/inProcessLog.js';
import { createSpine } from '../server/spine.js';
import { createSubgraph } from '../server/subgraph.js';
import { createTails } from '../server/tails.js';
import { createLog } from '../telemetry/log.js';
import { type DeadLetterContext, deadLetterResolver } from './deadLetter.resolver.js';
import { buildSubgraph } from './subgraphSchema.js';

const operator: Principal = { ...systemPrincipal('operator'), everywhere: ['toy:operate'] };
const stranger: Principal = { ...systemPrincipal('stranger'), everywhere: [] };

/** A context that cannot handle the pebbles of another, as long as it is `sick`; and its part of the graph. */
const arrange = (trouble: Error = forbidden('pebbles')) =>
  buildWith(async ({ use }) => {
    const database = use(await jarDatabase());
    const log = createLog({ name: 'test', level: 'silent' });
    const eventLog = use(createInProcessLog());
    const tails = use(createTails({ eventLog, history: (of) => createEventStore(database.prisma, of), log }));
    const source = createJars(database);
    const spine = use(await createSpine({ context: 'toy', database, eventLog, tails, log }));
    const state = { sick: true, handled: [] as string[] };
    await spine.start({
      processManagers: [
        {
          name: 'toy-manager',
          source: source.context,
          types: ['PebblesAdded'],
          async react({ id }) {
            if (state.sick) throw trouble;
            state.handled.push(id);
          },
        },
      ],
    });
    const { schema } = await buildSubgraph({ resolvers: [deadLetterResolver('toy', 'toy:operate')] });
    const { commands, deadLetters } = spine;
    const subgraph = use(
      await createSubgraph<DeadLetterContext>({
        name: 'toy',
        schema,
        log,
        createContext: (call) =>
          Promise.resolve({
            call,
            principal: call.principal,
            written: { position: null },
            commands,
            deadLetters,
          }),
      }),
    );
    const ask = (document: string, principal = operator, variables: Record<string, unknown> = {}) =>
      subgraph.execute(
        { document, variables },
        {
          principal,
          requestId: 'r',
          correlationId: 'c',
          positions: {},
          signal: new AbortController().signal,
        },
      );
    const id = `jar_${ulid()}`;
    await source.make(id);
    for (let n = 0; n < 3; n++) await source.add(id, 1);
    const count = () => database.prisma.deadLetter.count();
    await until('all are parked', async () => (await count()) === 3);
    return { ask, id, source, state };
  });

const LIST = '{ toyDeadLetters { id consumer streamId eventType kind reason attempts } }';
const REPLAY = `mutation ($input: ReplayDeadLettersInput!) {
  replayToyDeadLetters(input: $input) { handled remaining { kind attempts } }
}`;

type Listed = { toyDeadLetters: { id: string }[] };

test('an operator sees what is parked, in order, with its reason but none of the machinery', async () => {
  await using world = await arrange(new Error('relation "toy.secret" does not exist'));
  const { data } = await world.ask(LIST);
  expect(data).toMatchObject({
    toyDeadLetters: [
      { consumer: 'toy-manager', streamId: world.id, eventType: 'PebblesAdded', kind: 'FAILED', attempts: 4 },
      { kind: 'BEHIND', attempts: 0 },
      { kind: 'BEHIND', attempts: 0 },
    ],
  });
  expect(JSON.stringify(data)).not.toContain('toy.secret');
});

test('an operator replays a stream once it can be handled; a repeat with the key gets the same answer', async () => {
  await using world = await arrange();
  const [letter] = ((await world.ask(LIST)).data as Listed).toyDeadLetters;
  const replay = (idempotencyKey: string, dryRun = false) =>
    world.ask(REPLAY, operator, { input: { id: letter?.id, idempotencyKey, dryRun } });
  expect((await replay('k1')).data).toMatchObject({
    replayToyDeadLetters: { handled: 0, remaining: [{ kind: 'FAILED', attempts: 2 }, {}, {}] },
  });
  world.state.sick = false;
  expect((await replay('k2', true)).data).toMatchObject({ replayToyDeadLetters: { handled: 0 } });
  const answer = { replayToyDeadLetters: { handled: 3, remaining: [] } };
  expect((await replay('k3')).data).toEqual(answer);
  expect((await replay('k3')).data).toEqual(answer);
  expect(world.state.handled).toHaveLength(3);
  expect((await world.ask(LIST)).data).toEqual({ toyDeadLetters: [] });
  expect(await replay('k4')).toMatchObject({ errors: [{ extensions: { code: 'NOT_FOUND' } }] });
});

test('nobody else sees or replays what is parked', async () => {
  await using world = await arrange();
  const input = { id: 'x', idempotencyKey: 'k' };
  for (const answer of [await world.ask(LIST, stranger), await world.ask(REPLAY, stranger, { input })])
    expect(answer).toMatchObject({ data: null, errors: [{ extensions: { code: 'FORBIDDEN' } }] });
});
