import { Agent, request } from 'node:http';
import { expect, onTestFinished, test } from 'vitest';
import { unavailable } from '../../platform/errors.js';
import { startTestGateway, until } from '../../test/testkit/gateway.js';

/** The statuses of some paths, asked for one after the other on one connection. */
function connection(url: string) {
  const agent = new Agent({ keepAlive: true, maxSockets: 1 });
  onTestFinished(() => agent.destroy());
  return (path: string) =>
    new Promise<{ status: number | undefined; connection: string | undefined }>((resolve, reject) => {
      const sent = request(`${url}${path}`, { agent }, (response) => {
        response.resume().once('end', () => {
          resolve({ status: response.statusCode, connection: response.headers.connection });
        });
      });
      sent.once('error', reject).end();
    });
}

test('it is ready while every part it needs is there, and tells which one is not', async () => {
  const missing = new Set<string>();
  const check = (name: string, error: Error) => () =>
    missing.has(name) ? Promise.reject(error) : Promise.resolve();
  await using gateway = await startTestGateway({
    readiness: {
      database: check('database', unavailable('The database')),
      cluster: check('cluster', new Error('connect ECONNREFUSED 10.1.2.3')),
    },
  });
  expect((await fetch(`${gateway.url}/readyz`)).status).toBe(200);
  missing.add('database').add('cluster');
  const response = await fetch(`${gateway.url}/readyz`);
  expect(response.status).toBe(503);
  expect(await response.json()).toEqual({
    ready: false,
    reasons: { database: 'The database cannot be reached now', cluster: 'It cannot be used now' },
  });
  expect((await fetch(`${gateway.url}/livez`)).status).toBe(200);
});

test('clients find out where everything is', async () => {
  const signIn = { issuer: 'https://issuer.example', clientId: 'page', resource: null };
  await using gateway = await startTestGateway({ version: '1.2.3', signIn });
  const response = await fetch(`${gateway.url}/.well-known/fleetgraph.json`);
  expect(await response.json()).toEqual({
    ...signIn,
    version: '1.2.3',
    websocketUrl: gateway.websocket,
    sdlUrl: `${gateway.url}/schema.graphql`,
  });
  expect(await (await fetch(`${gateway.url}/schema.graphql`)).text()).toContain('type Query');
});

test('other parts of the process may answer paths of their own', async () => {
  await using gateway = await startTestGateway({
    routes: [
      { path: '/exact', handle: (_request, response) => void response.end('exact') },
      { path: '/below/', handle: (sent, response) => void response.end(sent.url) },
      { path: '/broken', handle: () => Promise.reject(new Error('secret')) },
    ],
  });
  expect(await (await fetch(`${gateway.url}/exact?a=1`)).text()).toBe('exact');
  expect(await (await fetch(`${gateway.url}/below/x`)).text()).toBe('/below/x');
  expect((await fetch(`${gateway.url}/exact/x`)).status).toBe(404);
  const broken = await fetch(`${gateway.url}/broken`);
  expect([broken.status, await broken.text()]).toEqual([500, '']);
});

test('whoever comes to the root is sent to the graph', async () => {
  await using gateway = await startTestGateway();
  const response = await fetch(gateway.url, { redirect: 'manual' });
  expect([response.status, response.headers.get('location')]).toEqual([302, '/graphql']);
});

test('while it drains it finishes what it took, is not ready, and takes no new connection', async () => {
  const settings = { drain: { spreadMs: 0, idleMs: 300, limitMs: 2_000 } };
  await using gateway = await startTestGateway({ settings });
  const kept = connection(gateway.url);
  expect((await kept('/readyz')).status).toBe(200);
  const answer = gateway.post({ query: '{ slow(ms: 200) }' });
  await until(() => gateway.seen.waiting === 1);
  const closing = gateway.server.close();

  expect(await kept('/readyz')).toEqual({ status: 503, connection: 'close' });
  await expect(fetch(`${gateway.url}/livez`)).rejects.toThrow();
  expect(await (await answer).text()).toBe('{"data":{"slow":"done"}}');
  await closing;
});

test('what does not end by itself is cut off at the limit', async () => {
  const settings = { drain: { spreadMs: 0, idleMs: 0, limitMs: 100 } };
  await using gateway = await startTestGateway({ settings });
  const answer = gateway.post({ query: '{ slow(ms: 60000) }' }).catch(() => 'cut off');
  await until(() => gateway.seen.waiting === 1);
  await gateway.server.close();
  expect(await answer).toBe('cut off');
  expect(gateway.seen.aborted).toBe(1);
});
