import { createClient, type Client, type ClientOptions } from 'graphql-ws';
import { expect, onTestFinished, test } from 'vitest';
import { WebSocket } from 'ws';
import { authenticateByName, startTestGateway, until } from '../../test/testkit/gateway.js';

type Gateway = Awaited<ReturnType<typeof startTestGateway>>;

function connect(gateway: Gateway, options: Partial<ClientOptions> = {}): Client {
  const client = createClient({
    url: gateway.websocket,
    webSocketImpl: WebSocket,
    connectionParams: { authorization: 'Bearer ada' },
    retryAttempts: 0,
    ...options,
  });
  onTestFinished(() => void client.dispose());
  return client;
}

async function collect(client: Client, query: string): Promise<unknown[]> {
  const results: unknown[] = [];
  for await (const result of client.iterate({ query })) results.push(result);
  return results;
}

/** A socket that speaks the protocol by hand, and answers the code with which it is closed. */
function open(gateway: Gateway, options: { origin?: string; protocol?: string } = {}) {
  const { protocol = 'graphql-transport-ws', ...rest } = options;
  const socket = new WebSocket(gateway.websocket, protocol, rest);
  onTestFinished(() => socket.terminate());
  const messages: { type: string; id?: string }[] = [];
  socket.on('message', (data: Buffer) => messages.push(JSON.parse(data.toString()) as { type: string }));
  const closed = new Promise<number>((resolve) => socket.once('close', resolve));
  const opened = new Promise((resolve, reject) => socket.once('open', resolve).once('error', reject));
  const send = (message: unknown) =>
    socket.send(typeof message === 'string' ? message : JSON.stringify(message));
  const init = { type: 'connection_init', payload: { authorization: 'Bearer ada' } };
  return {
    socket,
    messages,
    opened,
    closed,
    send,
    /** Opens and introduces itself. */
    async ready() {
      await opened;
      send(init);
      await until(() => messages.some(({ type }) => type === 'connection_ack'));
    },
  };
}
const subscribe = (id: string, query: string) => ({ type: 'subscribe', id, payload: { query } });

test('a subscription delivers its events in order and completes', async () => {
  await using gateway = await startTestGateway();
  const results = await collect(connect(gateway), 'subscription { count(to: 3) }');
  expect(results).toEqual([{ data: { count: 1 } }, { data: { count: 2 } }, { data: { count: 3 } }]);
});

test('queries and mutations run over a socket, as the one who opened it', async () => {
  await using gateway = await startTestGateway();
  const client = connect(gateway);
  expect(await collect(client, '{ caller }')).toEqual([{ data: { caller: '{"name":"ada"}' } }]);
  expect(await collect(client, 'mutation { write(position: "7") }')).toEqual([{ data: { write: true } }]);
  expect(await (await gateway.post({ query: '{ positions }' })).text()).toContain('7');
});

test.each([
  ['an invalid document', 'subscription { nothing }', 'Cannot query field'],
  ['a document that is too deep', `{ ${'a {'.repeat(20)} b ${'}'.repeat(20)} }`, 'a depth of'],
])('%s ends with an error, and the socket stays', async (_title, query, message) => {
  await using gateway = await startTestGateway();
  const client = connect(gateway);
  await expect(collect(client, query)).rejects.toEqual([
    expect.objectContaining({ message: expect.stringContaining(message) }),
  ]);
  expect(await collect(client, '{ greeting }')).toEqual([{ data: { greeting: 'Hello' } }]);
});

test('after an error message no completion follows', async () => {
  await using gateway = await startTestGateway();
  const client = open(gateway);
  await client.ready();
  client.send(subscribe('1', '{ nothing }'));
  client.send(subscribe('2', '{ greeting }'));
  await until(() => client.messages.some(({ id, type }) => id === '2' && type === 'complete'));
  expect(client.messages.filter(({ id }) => id === '1').map(({ type }) => type)).toEqual(['error']);
});

test('a client that completes is heard at once, upstream too', async () => {
  await using gateway = await startTestGateway();
  const client = open(gateway);
  await client.ready();
  client.send(subscribe('1', 'subscription { silence }'));
  await until(() => gateway.seen.subscribed === 1);
  client.send({ type: 'complete', id: '1' });
  await until(() => gateway.seen.unsubscribed === 1);
  // Its id is free again.
  client.send(subscribe('1', '{ greeting }'));
  await until(() => client.messages.some(({ type }) => type === 'complete'));
});

test('a socket that breaks off ends its subscriptions upstream', async () => {
  await using gateway = await startTestGateway();
  const client = open(gateway);
  await client.ready();
  client.send(subscribe('1', 'subscription { silence }'));
  client.send(subscribe('2', 'subscription { silence }'));
  await until(() => gateway.seen.subscribed === 2);
  client.socket.terminate();
  await until(() => gateway.seen.unsubscribed === 2);
});

test.each([
  ['no token', {}, 4401],
  ['a wrong token', { authorization: 'Basic x' }, 4403],
])('a socket with %s is closed', async (_title, payload, code) => {
  await using gateway = await startTestGateway();
  const client = open(gateway);
  await client.opened;
  client.send({ type: 'connection_init', payload });
  expect(await client.closed).toBe(code);
});

test.each([
  ['no JSON', '{', 4400],
  ['an operation before it introduced itself', subscribe('1', '{ greeting }'), 4401],
])('a socket that sends %s is closed', async (_title, message, code) => {
  await using gateway = await startTestGateway();
  const client = open(gateway);
  await client.opened;
  client.send(message);
  expect(await client.closed).toBe(code);
});

test('a socket that introduces itself twice, or uses an id twice, is closed', async () => {
  await using gateway = await startTestGateway();
  const [twice, same] = [open(gateway), open(gateway)];
  await Promise.all([twice.ready(), same.ready()]);
  twice.send({ type: 'connection_init', payload: { authorization: 'Bearer ada' } });
  expect(await twice.closed).toBe(4429);
  same.send(subscribe('1', 'subscription { silence }'));
  same.send(subscribe('1', 'subscription { silence }'));
  expect(await same.closed).toBe(4409);
});

test('a socket that does not introduce itself is closed', async () => {
  await using gateway = await startTestGateway({ settings: { connectionInitWaitTimeoutMs: 50 } });
  expect(await open(gateway).closed).toBe(4408);
});

test('a socket of another protocol is closed', async () => {
  await using gateway = await startTestGateway();
  // The client gives up, as the server chose no protocol.
  await expect(open(gateway, { protocol: 'graphql-ws' }).opened).rejects.toThrow('subprotocol');
});

test('a page of a foreign origin gets no socket, one of our own does', async () => {
  await using gateway = await startTestGateway();
  await expect(open(gateway, { origin: 'https://evil.example' }).opened).rejects.toThrow('403');
  await open(gateway, { origin: gateway.url }).ready();
});

test('a message of as many bytes as allowed is read, one more closes the socket', async () => {
  const bytesMax = 1_000;
  await using gateway = await startTestGateway({ settings: { bytesMax } });
  const client = open(gateway);
  await client.ready();
  const message = JSON.stringify(subscribe('1', '{ greeting }'));
  client.send(message.padEnd(bytesMax, ' '));
  await until(() => client.messages.some(({ type }) => type === 'complete'));
  client.send(message.padEnd(bytesMax + 1, ' '));
  expect(await client.closed).toBe(1009);
});

test('as many operations as allowed run on a socket, one more is refused', async () => {
  await using gateway = await startTestGateway({ settings: { operationsPerSocketMax: 2 } });
  const client = open(gateway);
  await client.ready();
  for (const id of ['1', '2', '3']) client.send(subscribe(id, 'subscription { silence }'));
  await until(() => client.messages.some(({ type }) => type === 'error'));
  expect(client.messages.at(-1)).toMatchObject({
    id: '3',
    payload: [{ extensions: { code: 'OVERLOADED', retryable: true } }],
  });
  expect(gateway.seen.subscribed).toBe(2);
});

test('as many sockets as allowed stay open, one more is asked to come back later', async () => {
  await using gateway = await startTestGateway({ settings: { socketsMax: 1 } });
  await open(gateway).ready();
  expect(await open(gateway).closed).toBe(1013);
});

test('a socket whose token runs out is closed so that the client comes back with another', async () => {
  const expiresAt = new Date(Date.now() + 100);
  const authenticate = authenticateByName(new Set(), expiresAt);
  await using gateway = await startTestGateway({ authenticate, settings: { recheckMs: 20 } });
  const client = open(gateway);
  await client.ready();
  expect(await client.closed).toBe(4403);
  expect(Date.now()).toBeGreaterThanOrEqual(expiresAt.getTime());
});

test('a socket whose caller lost access is closed, those of others stay', async () => {
  const banned = new Set<string>();
  await using gateway = await startTestGateway({
    authenticate: authenticateByName(banned),
    settings: { recheckMs: 20 },
  });
  const ada = open(gateway);
  await ada.ready();
  const bob = connect(gateway, { connectionParams: { authorization: 'Bearer bob' } });
  expect(await collect(bob, '{ greeting }')).toHaveLength(1);
  banned.add('ada');
  expect(await ada.closed).toBe(4403);
  expect(await collect(bob, '{ caller }')).toEqual([{ data: { caller: '{"name":"bob"}' } }]);
});

test('a half-open socket is cut off', async () => {
  await using gateway = await startTestGateway({ settings: { keepAliveMs: 30 } });
  const client = open(gateway);
  await client.ready();
  client.send(subscribe('1', 'subscription { silence }'));
  await until(() => gateway.seen.subscribed === 1);
  // From now on it answers no ping.
  client.socket.pause();
  await until(() => gateway.seen.unsubscribed === 1);
});

test('a client may ping, too', async () => {
  await using gateway = await startTestGateway();
  const client = open(gateway);
  await client.ready();
  client.send({ type: 'ping', payload: { at: 1 } });
  await until(() => client.messages.some(({ type }) => type === 'pong'));
});

test('a reader that stalls holds up its own subscription, in bounded memory', async () => {
  await using gateway = await startTestGateway();
  const client = open(gateway);
  await client.ready();
  const before = process.memoryUsage().arrayBuffers + process.memoryUsage().external;
  client.socket.pause();
  // 100 kB an event, without end.
  client.send(subscribe('1', 'subscription { lines(count: 100) }'));
  const other = connect(gateway);
  for (let turn = 0; turn < 20; turn++) expect(await collect(other, '{ greeting }')).toHaveLength(1);
  const after = process.memoryUsage().arrayBuffers + process.memoryUsage().external;
  expect(after - before).toBeLessThan(32 * 1024 * 1024);
});

test('at shutdown sockets are asked to come back', async () => {
  await using gateway = await startTestGateway();
  const client = open(gateway);
  await client.ready();
  await gateway.server.close();
  expect(await client.closed).toBe(1001);
});
