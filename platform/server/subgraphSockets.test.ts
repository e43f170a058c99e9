import { createClient } from 'graphql-ws';
import { expect, test } from 'vitest';
import { WebSocket } from 'ws';
import { until } from '../../test/testkit/until.js';
import { systemPrincipal } from '../identity/principal.js';
import { ada, sign, startToy, type Toy } from './subgraphServer.fixture.js';
import { SIGNED_CONNECTION, signedOperation } from './subgraphSockets.js';

type Payload = { query: string; variables?: Record<string, unknown>; extensions?: Record<string, unknown> };

const connection = ({ keys }: Toy) => sign(keys, SIGNED_CONNECTION, systemPrincipal('gateway')).headers;

/** An operation as the gateway sends it. */
function signed({ keys }: Toy, query: string, variables: Record<string, unknown> = {}): Payload {
  const call = sign(keys, signedOperation({ document: query, variables }), ada);
  return { query, variables, extensions: { headers: call.headers } };
}

/** A socket of the gateway's. */
function open(toy: Toy, parameters?: Record<string, unknown>) {
  const client = createClient({
    url: `${toy.url.replace('http', 'ws')}/graphql`,
    webSocketImpl: WebSocket,
    connectionParams: () => parameters ?? connection(toy),
    retryAttempts: 0,
  });
  const run = async (payload: Payload) => {
    const answers: unknown[] = [];
    for await (const answer of client.iterate(payload)) answers.push(answer);
    return answers;
  };
  return {
    client,
    run,
    async [Symbol.asyncDispose]() {
      await client.dispose();
    },
  };
}

test('a signed subscription yields its events in order, then ends', async () => {
  await using toy = await startToy();
  await using socket = open(toy);
  const events = await socket.run(signed(toy, 'subscription ($to: Int!) { count(to: $to) }', { to: 3 }));
  expect(events).toEqual([1, 2, 3].map((count) => ({ data: { count } })));
});

test('each operation on a socket runs as its own principal', async () => {
  await using toy = await startToy();
  await using socket = open(toy);
  const [event] = await socket.run(signed(toy, 'subscription { subscriber }'));
  expect(event).toEqual({ data: { subscriber: JSON.stringify(ada) } });
  const [answer] = (await socket.run(signed(toy, '{ call }'))) as [{ data: { call: string } }];
  expect(JSON.parse(answer.data.call)).toMatchObject({ principal: ada, positions: { toy: '5' } });
});

test('variables arrive as they were signed, numbers and all', async () => {
  await using toy = await startToy();
  await using socket = open(toy);
  const variables = { list: [1e21, -0.1, 5e-324, 2 ** 70] };
  const payload = signed(toy, 'query ($list: [Float]) { echo(list: $list) }', variables);
  expect(await socket.run(payload)).toEqual([{ data: { echo: JSON.stringify(variables.list) } }]);
});

test('a socket that is not the gateway’s is closed', async () => {
  await using toy = await startToy();
  const used = connection(toy);
  await using first = open(toy, used);
  await first.run(signed(toy, 'subscription { count(to: 1) }'));
  const elsewhere = sign(toy.keys, SIGNED_CONNECTION, undefined, { audience: 'other' }).headers;
  const aQuery = sign(toy.keys, { method: 'POST', path: '/graphql', body: '' }).headers;
  for (const parameters of [{}, used, elsewhere, aQuery]) {
    await using socket = open(toy, parameters);
    await expect(socket.run(signed(toy, '{ call }'))).rejects.toMatchObject({ code: 4403 });
  }
  expect(toy.noticed.executed).toBe(0);
});

const alterations: [string, (toy: Toy, payload: Payload) => Payload][] = [
  ['unsigned', (_toy, { query }) => ({ query })],
  ['with another query', (_toy, payload) => ({ ...payload, query: '{ call other: call }' })],
  ['with other variables', (_toy, payload) => ({ ...payload, variables: { to: 4 } })],
  ['signed as a call over HTTP', ({ keys }, payload) => signedAsPost(keys, payload)],
];

function signedAsPost(keys: Toy['keys'], { query }: Payload): Payload {
  const body = JSON.stringify({ query });
  return {
    query,
    extensions: { headers: sign(keys, { method: 'POST', path: '/graphql', body }, ada).headers },
  };
}

test.each(alterations)('an operation %s costs the socket and runs nothing', async (_what, alter) => {
  await using toy = await startToy();
  await using socket = open(toy);
  await expect(socket.run(alter(toy, signed(toy, '{ call }')))).rejects.toMatchObject({ code: 4403 });
  expect(toy.noticed.executed).toBe(0);
});

test('an operation that is sent again is refused, on another socket too', async () => {
  await using toy = await startToy();
  const payload = signed(toy, '{ call }');
  await using first = open(toy);
  await first.run(payload);
  await using second = open(toy);
  await expect(second.run(payload)).rejects.toMatchObject({ code: 4403 });
  expect(toy.noticed.executed).toBe(1);
});

test('an error of the subscription or of an event says nothing but its id', async () => {
  await using toy = await startToy();
  await using socket = open(toy);
  const refused = JSON.stringify(await socket.run(signed(toy, '{ refused }')));
  expect(refused).toContain('BUDGET_EXCEEDED');
  const outcome = await socket.run(signed(toy, 'subscription { broken }')).catch((error: unknown) => error);
  expect(JSON.stringify(outcome)).toContain('INTERNAL_SERVER_ERROR');
  expect(JSON.stringify(outcome)).not.toContain('db-7');
  expect(toy.lines.join('')).toContain('db-7');
});

test('a reader that leaves, or whose socket dies, ends the subscription at once', async () => {
  await using toy = await startToy();
  await using socket = open(toy);
  const reading = socket.client.iterate(signed(toy, 'subscription { silence }'));
  const event = reading.next();
  await until('it is subscribed', () => toy.noticed.subscribed === 1);
  await reading.return?.();
  await event;
  await until('it has left', () => toy.noticed.left === 1);

  const again = socket.client.iterate(signed(toy, 'subscription { silence }')).next();
  await until('it is subscribed again', () => toy.noticed.subscribed === 2);
  socket.client.terminate();
  await expect(again).rejects.toMatchObject({ code: 4499 });
  await until('it has left again', () => toy.noticed.left === 2);
});

test('a server that is stopped closes its sockets with 1001 and ends their subscriptions', async () => {
  await using toy = await startToy();
  await using socket = open(toy);
  const event = socket.client.iterate(signed(toy, 'subscription { silence }')).next();
  await until('it is subscribed', () => toy.noticed.subscribed === 1);
  await Promise.all([expect(event).rejects.toMatchObject({ code: 1001 }), toy.server[Symbol.asyncDispose]()]);
  await until('it has left', () => toy.noticed.left === 1);
});
