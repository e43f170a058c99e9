import { GraphQLError, GraphQLScalarType, Kind } from 'graphql';
import { expect, test } from 'vitest';
import {
  callContext,
  pathsOf,
  startCannedEngine,
  type CannedSubgraph,
} from '../test/testkit/cannedEngine.js';
import { until } from '../test/testkit/until.js';
import { planningFailed } from './errors.js';

const left: CannedSubgraph = {
  sdl: `
    type Query { item(id: ID!): Item count(of: Even): Int plain: Int }
    type Mutation { make(name: String): Item! remove: Int }
    scalar Even
    type Item @key(fields: "id") { id: ID! size: Int }`,
  answer: () => ({ data: { item: { __typename: 'Item', id: '1', size: 3 }, plain: 7 } }),
};

const right: CannedSubgraph = {
  sdl: `
    type Query { other: Int! }
    type Mutation { rename: Int }
    type Item @key(fields: "id") { id: ID! label: String rating: Int }`,
  answer: () => ({ data: { _entities: [{ label: 'one' }], other: 5 } }),
};

test('a lost subgraph takes its own fields alone, and its address is not told', async () => {
  const lost: CannedSubgraph = {
    ...right,
    answer: () => Promise.reject(new Error('connect ECONNREFUSED 10.1.2.3:4001')),
  };
  await using canned = await startCannedEngine({ left, right: lost });
  const answer = await canned.ask('{ item(id: "1") { size label rating } plain }');
  expect(answer.data).toEqual({ item: { size: 3, label: null, rating: null }, plain: 7 });
  expect(pathsOf(answer)).toEqual(['item.label', 'item.rating']);
  expect(answer.errors?.[0]).toMatchObject({
    message: 'right cannot be reached now',
    extensions: { code: 'UNAVAILABLE', retryable: true },
  });
  expect(answer.text).not.toContain('10.1.2.3');
  expect(canned.masked).toMatchObject([
    { subgraph: 'right', error: { message: 'connect ECONNREFUSED 10.1.2.3:4001' } },
  ]);
});

test('a subgraph that answers errors without data owes each of its fields one of them', async () => {
  const failing: CannedSubgraph = {
    ...right,
    answer: () => ({ errors: [{ message: 'Closed', extensions: { code: 'CLOSED' } }] }),
  };
  await using canned = await startCannedEngine({ left, right: failing });
  const answer = await canned.ask('{ item(id: "1") { label rating } plain }');
  expect(answer.data).toEqual({ item: { label: null, rating: null }, plain: 7 });
  expect(pathsOf(answer)).toEqual(['item.label', 'item.rating']);
  expect(answer.errors?.map(({ extensions }) => extensions.code)).toEqual(['CLOSED', 'CLOSED']);
});

test('what a subgraph says to clients is passed on as it is, and nothing else', async () => {
  const extensions = { code: 'FORBIDDEN', hint: 'Ask.', retryable: false, details: { permission: 'read' } };
  const refusing: CannedSubgraph = {
    ...left,
    answer: () => ({
      data: { plain: null },
      errors: [
        {
          message: 'You may not',
          path: ['plain'],
          extensions: { ...extensions, stacktrace: ['at secret.ts'] },
        },
      ],
    }),
  };
  await using canned = await startCannedEngine({ left: refusing, right });
  const { errors } = await canned.ask('{ plain }');
  expect(errors).toEqual([{ message: 'You may not', path: ['plain'], extensions }]);
});

test.each([
  ['without a code', undefined],
  ['that is internal', { code: 'INTERNAL_SERVER_ERROR', stacktrace: ['at secret.ts'] }],
  ['about the operation, which is ours', { code: 'GRAPHQL_VALIDATION_FAILED' }],
])('an error %s shows an id, under which operators find the rest', async (_, extensions) => {
  const error = {
    message: 'relation "secret" does not exist',
    path: ['plain'],
    ...(extensions && { extensions }),
  };
  await using canned = await startCannedEngine({
    left: { ...left, answer: () => ({ data: { plain: null }, errors: [error] }) },
    right,
  });
  const { errors, text } = await canned.ask('{ plain }');
  expect(text).not.toContain('secret');
  expect(errors).toMatchObject([
    { path: ['plain'], extensions: { code: 'INTERNAL_SERVER_ERROR', details: { id: canned.masked[0]?.id } } },
  ]);
  expect(canned.masked).toMatchObject([{ requestId: 'request', subgraph: 'left', error }]);
});

test('an error that no null shows is kept without a path', async () => {
  await using canned = await startCannedEngine({
    left: {
      ...left,
      answer: () => ({
        data: { plain: 7 },
        errors: [{ message: 'Beware', path: ['plain'], extensions: { code: 'ODD' } }],
      }),
    },
    right,
  });
  const { data, errors } = await canned.ask('{ plain }');
  expect(data).toEqual({ plain: 7 });
  expect(errors).toEqual([{ message: 'Beware', extensions: { code: 'ODD' } }]);
});

test('a null where the schema promises a value, and no error says why, is an error there', async () => {
  await using canned = await startCannedEngine({
    left,
    right: { ...right, answer: () => ({ data: { other: null } }) },
  });
  const answer = await canned.ask('{ plain other }');
  expect(answer.data).toBeNull();
  expect(answer.errors).toMatchObject([
    { message: 'Cannot return null for non-nullable field Query.other.', path: ['other'] },
  ]);
});

test('the fields of a mutation run one after the other, with all that belongs to each', async () => {
  const log: string[] = [];
  const slowly = async (name: string, data: Record<string, unknown>) => {
    log.push(`${name} begins`);
    await new Promise((resolve) => setImmediate(resolve));
    log.push(`${name} ends`);
    return { data };
  };
  await using canned = await startCannedEngine({
    left: {
      ...left,
      answer: ({ document }) =>
        document.includes('make')
          ? slowly('make', { make: { __typename: 'Item', id: '1' } })
          : slowly('remove', { remove: 1 }),
    },
    right: {
      ...right,
      answer: ({ document }) =>
        document.includes('rename')
          ? slowly('rename', { rename: 1 })
          : slowly('label', { _entities: [{ label: 'one' }] }),
    },
  });
  const { data } = await canned.ask('mutation { make { label } rename remove }');
  expect(data).toEqual({ make: { label: 'one' }, rename: 1, remove: 1 });
  expect(log).toEqual(
    ['make', 'label', 'rename', 'remove'].flatMap((name) => [`${name} begins`, `${name} ends`]),
  );
});

test('a mutation ends with the first field that makes its answer null', async () => {
  await using canned = await startCannedEngine({
    left: {
      ...left,
      answer: () => ({ data: null, errors: [{ message: 'No', path: ['make'], extensions: { code: 'NO' } }] }),
    },
    right,
  });
  const answer = await canned.ask('mutation { make { id } rename }');
  expect(answer.data).toBeNull();
  expect(pathsOf(answer)).toEqual(['make']);
  expect(canned.received.map(({ subgraph }) => subgraph)).toEqual(['left']);
});

test('what a mutation wrote is told to the calls after it, and in the result', async () => {
  await using canned = await startCannedEngine({
    left: {
      ...left,
      answer: () => ({
        data: { make: { __typename: 'Item', id: '1' } },
        extensions: { positions: { left: '8' } },
      }),
    },
    right,
  });
  const { positions } = await canned.ask(
    'mutation { make { label } }',
    {},
    { positions: { left: '3', other: '2' } },
  );
  expect(positions).toEqual({ left: '8' });
  expect(canned.received[1]?.call.positions).toEqual({ left: '8', other: '2' });
});

test('the schema is described beside data, and the type’s name alone asks nobody', async () => {
  await using canned = await startCannedEngine({ left, right });
  const { data } = await canned.ask(
    '{ __typename plain made: __type(name: "Item") { name fields { name } } }',
  );
  expect(data).toEqual({
    __typename: 'Query',
    plain: 7,
    made: { name: 'Item', fields: ['id', 'size', 'label', 'rating'].map((name) => ({ name })) },
  });
  expect(canned.received).toHaveLength(1);
  expect((await canned.ask('{ me: __typename }')).text).toBe('{"data":{"me":"Query"}}');
  expect(canned.received).toHaveLength(1);
});

const Even = new GraphQLScalarType({
  name: 'Even',
  parseValue: refuseOdd,
  parseLiteral: (node) => refuseOdd(node.kind === Kind.INT ? Number(node.value) : NaN),
});

function refuseOdd(value: unknown): unknown {
  if (typeof value === 'number' && value % 2 === 0) return { parsed: value };
  throw new GraphQLError('it is not even');
}

test.each([
  ['GRAPHQL_PARSE_FAILED', '{ plain', {}],
  ['GRAPHQL_VALIDATION_FAILED', '{ plane }', {}],
  ['GRAPHQL_VALIDATION_FAILED', '{ count(of: 3) }', {}],
  ['GRAPHQL_VALIDATION_FAILED', '{ __proto__: plain }', {}],
  ['GRAPHQL_VALIDATION_FAILED', 'subscription { plain }', {}],
  ['BAD_USER_INPUT', 'query ($of: Even) { count(of: $of) }', { of: 3 }],
  ['BAD_USER_INPUT', 'query ($id: ID!) { item(id: $id) { id } }', {}],
  ['OPERATION_RESOLUTION_FAILURE', 'query A { plain } query B { plain }', {}],
])('a request is refused with %s before any subgraph is called: %s', async (code, query, variables) => {
  await using canned = await startCannedEngine({ left, right }, { scalars: { Even } });
  const answer = await canned.ask(query, variables);
  expect(answer.errors?.map(({ extensions }) => extensions.code)).toEqual([code]);
  expect({ ok: answer.ok, data: answer.data, calls: canned.received.length }).toEqual({
    ok: false,
    data: undefined,
    calls: 0,
  });
  expect(answer.text).not.toContain('Did you mean');
});

test('a scalar’s value that passes is sent as the client wrote it', async () => {
  await using canned = await startCannedEngine({ left, right }, { scalars: { Even } });
  await canned.ask('query ($of: Even) { count(of: $of) }', { of: 4 });
  expect(canned.received[0]?.variables).toEqual({ of: 4 });
});

test('a request whose time is up is answered with what is known by then', async () => {
  await using canned = await startCannedEngine({
    left,
    right: { ...right, answer: () => new Promise(() => {}) },
  });
  const abort = new AbortController();
  const answering = canned.ask('{ item(id: "1") { size label } }', {}, { signal: abort.signal });
  await until('the second subgraph is asked', () => canned.received.length === 2);
  abort.abort(new DOMException('late', 'TimeoutError'));
  const answer = await answering;
  expect(answer.data).toEqual({ item: { size: 3, label: null } });
  expect(answer.errors).toMatchObject([
    { path: ['item', 'label'], extensions: { code: 'DEADLINE_EXCEEDED' } },
  ]);
});

test('nobody is called for a request that was cancelled', async () => {
  await using canned = await startCannedEngine({ left, right });
  const answer = await canned.ask('{ plain }', {}, { signal: AbortSignal.abort() });
  expect(answer.errors).toMatchObject([{ path: ['plain'], extensions: { code: 'CANCELLED' } }]);
  expect(canned.received).toEqual([]);
});

test('equal queries at the same moment get each their own principal’s answer', async () => {
  await using canned = await startCannedEngine({
    left: { ...left, answer: ({ call }) => ({ data: { plain: call.principal } }) },
    right,
  });
  const answers = await Promise.all([1, 2, 3].map((principal) => canned.ask('{ plain }', {}, { principal })));
  expect(answers.map(({ data }) => data)).toEqual([{ plain: 1 }, { plain: 2 }, { plain: 3 }]);
});

test('a document that was not planned is refused, and asked again the next time', async () => {
  await using canned = await startCannedEngine({ left, right });
  let plans = 0;
  const planner = {
    consumerSchema: canned.engine.apiSdl,
    plan: () => Promise.reject(planningFailed(++plans > 0)),
    [Symbol.asyncDispose]: () => Promise.resolve(),
  };
  await using refusing = await startCannedEngine(
    { left, right },
    { startPlanner: () => Promise.resolve(planner) },
  );
  for (let request = 1; request <= 2; request++) {
    const { ok, errors } = await refusing.ask('{ plain }');
    expect({ ok, code: errors?.[0]?.extensions.code, plans }).toEqual({
      ok: false,
      code: 'PLANNING_FAILED',
      plans: request,
    });
  }
});

test('the kind of an operation is known before it runs', async () => {
  await using canned = await startCannedEngine({ left, right });
  const kinds = ['{ plain }', 'mutation { rename }', '{ nothing }', '{'].map((query) =>
    canned.engine.operationKind({ query }),
  );
  expect(kinds).toEqual(['query', 'mutation', 'invalid', 'invalid']);
});

test('a reload serves the new schema, finishes what runs on the old one, and then closes what is not needed', async () => {
  const release: (() => void)[] = [];
  const answer = () =>
    new Promise<{ data: object }>((resolve) => release.push(() => resolve({ data: { plain: 7 } })));
  await using before = await startCannedEngine({
    left: { ...left, answer: answer as NonNullable<CannedSubgraph['answer']> },
    right,
  });
  await using after = await startCannedEngine({
    left: { ...left, sdl: `${left.sdl} extend type Query { fresh: Int }` },
  });
  const running = before.ask('{ plain }');
  await until('the old subgraph is asked', () => release.length === 1);
  await before.engine.reload(after.supergraphSdl);
  expect(before.engine.operationKind({ query: '{ fresh }' })).toBe('query');
  expect(before.engine.operationKind({ query: '{ other }' })).toBe('invalid');
  expect(before.closed).toEqual([]);
  release[0]?.();
  expect((await running).data).toEqual({ plain: 7 });
  await until('the subgraph that is gone is closed', () => before.closed.length === 1);
  expect(before.closed).toEqual(['right']);
});

test('a supergraph that cannot be served is refused, and the old one stays', async () => {
  await using canned = await startCannedEngine({ left, right });
  await expect(canned.engine.reload('type Query { plain: Int }')).rejects.toThrow();
  expect((await canned.ask('{ plain }')).data).toEqual({ plain: 7 });
});

test('a subscription has no single answer', async () => {
  await using canned = await startCannedEngine({
    left: { ...left, sdl: `${left.sdl} type Subscription { ticks: Int }` },
    right,
  });
  const { text } = await canned.engine.execute({ query: 'subscription { ticks }' }, callContext());
  expect(text).toContain('OPERATION_RESOLUTION_FAILURE');
});
