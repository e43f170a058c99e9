import { createClient } from 'graphql-sse';
import { expect, onTestFinished, test } from 'vitest';
import { authenticateByName, startTestGateway, until } from '../../test/testkit/gateway.js';

type Gateway = Awaited<ReturnType<typeof startTestGateway>>;

function connect(gateway: Gateway, name = 'ada') {
  const headers = { authorization: `Bearer ${name}` };
  const client = createClient({ url: gateway.graphql, headers, retryAttempts: 0 });
  onTestFinished(() => client.dispose());
  return client;
}

async function collect(gateway: Gateway, query: string): Promise<unknown[]> {
  const results: unknown[] = [];
  for await (const result of connect(gateway).iterate({ query })) results.push(result);
  return results;
}

const stream = (gateway: Gateway, query: string, init: RequestInit = {}) =>
  fetch(gateway.graphql, {
    method: 'POST',
    headers: { 'content-type': 'application/json', accept: 'text/event-stream', authorization: 'Bearer ada' },
    body: JSON.stringify({ query }),
    ...init,
  });

test('a subscription delivers its events in order and completes', async () => {
  await using gateway = await startTestGateway();
  const results = await collect(gateway, 'subscription { count(to: 3) }');
  expect(results).toEqual([{ data: { count: 1 } }, { data: { count: 2 } }, { data: { count: 3 } }]);
});

test('queries and mutations run over an event stream, too', async () => {
  await using gateway = await startTestGateway();
  expect(await collect(gateway, '{ caller }')).toEqual([{ data: { caller: '{"name":"ada"}' } }]);
  expect(await collect(gateway, 'mutation { write(position: "7") }')).toEqual([{ data: { write: true } }]);
  expect(await (await gateway.post({ query: '{ positions }' })).text()).toContain('7');
});

test('a document that cannot run is told as a result', async () => {
  await using gateway = await startTestGateway();
  const [result] = await collect(gateway, 'subscription { nothing }');
  expect(result).toEqual({
    errors: [expect.objectContaining({ message: expect.stringContaining('nothing') })],
  });
});

test.each([
  [
    'a caller without a token',
    { headers: { 'content-type': 'application/json', accept: 'text/event-stream' } },
    401,
  ],
  ['a mutation by GET', { method: 'GET', body: null }, 405],
])('%s is refused before the stream begins', async (_title, init, status) => {
  await using gateway = await startTestGateway();
  const address = `${gateway.graphql}?query=mutation{write(position:"1")}`;
  const headers = { accept: 'text/event-stream', authorization: 'Bearer ada' };
  const response =
    status === 405
      ? await fetch(address, { headers })
      : await stream(gateway, 'subscription { silence }', init);
  expect(response.status).toBe(status);
  expect(response.headers.get('content-type')).toContain('application/json');
});

test('a client that leaves ends its subscription upstream', async () => {
  await using gateway = await startTestGateway();
  const events = connect(gateway).iterate({ query: 'subscription { silence }' });
  const first = events.next();
  await until(() => gateway.seen.subscribed === 1);
  await events.return?.();
  await first;
  await until(() => gateway.seen.unsubscribed === 1);
});

test('a reader that stalls holds up its own stream', async () => {
  await using gateway = await startTestGateway();
  const controller = new AbortController();
  // 100 kB an event, without end, of which nothing is read.
  const response = await stream(gateway, 'subscription { lines(count: 100) }', { signal: controller.signal });
  expect(response.status).toBe(200);
  for (let turn = 0; turn < 20; turn++)
    expect((await gateway.post({ query: '{ greeting }' })).status).toBe(200);
  controller.abort();
});

test('as many streams as allowed stay open, one more is refused', async () => {
  await using gateway = await startTestGateway({ settings: { eventStreamsMax: 1 } });
  await stream(gateway, 'subscription { silence }');
  const refused = await stream(gateway, 'subscription { silence }');
  expect(refused.status).toBe(503);
  expect(await refused.json()).toMatchObject({
    errors: [{ extensions: { code: 'OVERLOADED', retryable: true } }],
  });
});

test('a stream whose token runs out ends and says so', async () => {
  const authenticate = authenticateByName(new Set(), new Date(Date.now() + 100));
  await using gateway = await startTestGateway({ authenticate, settings: { recheckMs: 20 } });
  const [result] = await collect(gateway, 'subscription { silence }');
  expect(result).toMatchObject({ errors: [{ extensions: { code: 'UNAUTHENTICATED' } }] });
});

test('at shutdown a stream is cut off without being completed, so that its client comes back', async () => {
  await using gateway = await startTestGateway();
  const response = await stream(gateway, 'subscription { silence }');
  await until(() => gateway.seen.subscribed === 1);
  await gateway.server.close();
  expect(await response.text()).toBe(':\n\n');
});
