import { buildSubgraphSchema } from '@apollo/subgraph';
import { parse } from 'graphql';
import { expect, test } from 'vitest';
import type { RequestContext, SubgraphCall } from '../graphql/requestContext.js';
import { systemPrincipal } from '../identity/principal.js';
import { createLog } from '../telemetry/log.js';
import { createSubgraph } from './subgraph.js';

type NumberedContext = RequestContext & { readonly order: number };

const typeDefs = parse(`
  type Query { order: Int }
  type Subscription { counted: Counted }
  type Counted { n: Int, order: Int, odd: Int }
`);

const call: SubgraphCall = {
  principal: systemPrincipal('test'),
  requestId: 'request_1',
  correlationId: 'correlation_1',
  positions: {},
  signal: new AbortController().signal,
};

/** A feed that counts to three and then waits. `order` is the number of the context that answers; `odd` fails for 2. */
async function arrange(log = createLog({ name: 'test', level: 'silent' })) {
  let contexts = 0;
  const resolvers = {
    Query: { order: (_: unknown, _args: unknown, { order }: NumberedContext) => order },
    Subscription: {
      counted: {
        async *subscribe(_: unknown, _args: unknown, { call: { signal } }: NumberedContext) {
          for (const n of [1, 2, 3]) yield { counted: { n } };
          await new Promise((resolve) => signal.addEventListener('abort', resolve));
        },
      },
    },
    Counted: {
      order: (_: unknown, _args: unknown, { order }: NumberedContext) => order,
      odd({ n }: { n: number }) {
        if (n % 2 === 0) throw new Error('db.internal refused the connection');
        return n;
      },
    },
  };
  return createSubgraph<NumberedContext>({
    name: 'toy',
    schema: buildSubgraphSchema({ typeDefs, resolvers: resolvers as never }),
    log,
    createContext: (asked) =>
      Promise.resolve({
        call: asked,
        principal: asked.principal,
        written: { position: null },
        order: ++contexts,
      }),
  });
}

test('every event of a subscription is answered by a context of its own, so no loader keeps what has changed', async () => {
  await using subgraph = await arrange();
  const events = subgraph.subscribe({ document: 'subscription { counted { order } }', variables: {} }, call);
  const orders = [await events.next(), await events.next(), await events.next()].map(
    ({ value }) => (value as { data: { counted: { order: number } } }).data.counted.order,
  );
  expect(new Set(orders).size).toBe(3);
  await events.return?.();
});

test("one event's error is masked, and does not come back in the next", async () => {
  await using subgraph = await arrange();
  const events = subgraph.subscribe({ document: 'subscription { counted { n odd } }', variables: {} }, call);
  expect((await events.next()).value).toEqual({ data: { counted: { n: 1, odd: 1 } } });
  const { value: failed } = await events.next();
  expect(failed).toMatchObject({
    data: { counted: { n: 2, odd: null } },
    errors: [{ path: ['counted', 'odd'], extensions: { code: 'INTERNAL_SERVER_ERROR' } }],
  });
  expect(JSON.stringify(failed)).not.toContain('db.internal');
  expect((await events.next()).value).toEqual({ data: { counted: { n: 3, odd: 3 } } });
  await events.return?.();
});

test('a subscriber who leaves while the feed waits ends it at once', async () => {
  await using subgraph = await arrange();
  const events = subgraph.subscribe({ document: 'subscription { counted { n } }', variables: {} }, call);
  for (let n = 0; n < 3; n++) await events.next();
  const waiting = events.next();
  await events.return?.();
  expect(await waiting).toMatchObject({ done: true });
});

test('a subscription that does not fit the schema is one answer with an error', async () => {
  await using subgraph = await arrange();
  const answers = [];
  for await (const answer of subgraph.subscribe(
    { document: 'subscription { nothing }', variables: {} },
    call,
  ))
    answers.push(answer);
  expect(answers).toHaveLength(1);
  expect(answers[0]?.errors).toHaveLength(1);
});

test('whatever is logged for a call, over a stream too, carries the ids of its request', async () => {
  const lines: string[] = [];
  const log = createLog({ name: 'test', destination: { write: (line) => void lines.push(line) } });
  await using subgraph = await arrange(log);
  const counted = subgraph.subscribe({ document: 'subscription { counted { n odd } }', variables: {} }, call);
  for await (const { data } of counted) if ((data?.['counted'] as { n: number } | undefined)?.n === 2) break;
  expect(lines.map((line) => JSON.parse(line) as object)).toMatchObject([
    { msg: 'masked error', requestId: 'request_1', correlationId: 'correlation_1' },
  ]);
});
