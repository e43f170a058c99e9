import { once } from 'node:events';
import { createServer } from 'node:http';
import { expect, test } from 'vitest';
import { connectCluster } from './cluster.client.js';
import { namespaces } from './kinds.js';
import type { RequestListener } from 'node:http';
import type { AddressInfo } from 'node:net';

async function startServer(listener: RequestListener, timeoutMs = 2_000) {
  const server = createServer(listener).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const cluster = connectCluster({
    kubeconfig: JSON.stringify({
      clusters: [{ name: 'a', cluster: { server: address, 'insecure-skip-tls-verify': true } }],
      users: [{ name: 'a', user: { token: 'secret' } }],
      contexts: [{ name: 'a', context: { cluster: 'a', user: 'a' } }],
      'current-context': 'a',
    }),
    fieldManager: 'fleetgraph',
    timeoutMs,
  });
  return {
    cluster,
    async [Symbol.asyncDispose]() {
      await cluster[Symbol.asyncDispose]();
      server.close();
      server.closeAllConnections();
    },
  };
}

test('a busy cluster is asked again after the time that it names, with the same credentials', async () => {
  const asked: { atMs: number; authorization: string | undefined }[] = [];
  await using server = await startServer((request, response) => {
    asked.push({ atMs: performance.now(), authorization: request.headers.authorization });
    if (asked.length === 1)
      response.writeHead(429, { 'retry-after': '1' }).end('{"reason":"TooManyRequests"}');
    else response.end(JSON.stringify({ metadata: { resourceVersion: '3' }, items: [] }));
  }, 5_000);
  expect(await server.cluster.list(namespaces)).toEqual({ items: [], resourceVersion: '3' });
  expect((asked[1]?.atMs ?? 0) - (asked[0]?.atMs ?? 0)).toBeGreaterThan(950);
  expect(asked.map(({ authorization }) => authorization)).toEqual(['Bearer secret', 'Bearer secret']);
});

test('a cluster that stays busy is given up at the deadline, with what it said last', async () => {
  await using server = await startServer((_request, response) => {
    response.writeHead(429, { 'retry-after': '1' }).end('{"reason":"TooManyRequests"}');
  }, 200);
  await expect(server.cluster.list(namespaces)).rejects.toMatchObject({
    status: 429,
    reason: 'TooManyRequests',
    retryAfterMs: 1000,
  });
});

test('a cluster that never answers is unreachable after the deadline', async () => {
  await using server = await startServer(() => undefined, 100);
  await expect(server.cluster.list(namespaces)).rejects.toMatchObject({ status: 0, reason: 'Unreachable' });
});

test('a second page that fails makes the whole list fail', async () => {
  await using server = await startServer((request, response) => {
    if (request.url?.includes('continue=next')) response.writeHead(500).end('broken');
    else
      response.end(
        JSON.stringify({
          metadata: { resourceVersion: '3', continue: 'next' },
          items: [{ metadata: { name: 'a' } }],
        }),
      );
  });
  await expect(server.cluster.list(namespaces)).rejects.toMatchObject({ status: 500 });
});

test('a write whose connection breaks is not sent again', async () => {
  let asked = 0;
  await using server = await startServer((request) => {
    asked += 1;
    request.socket.destroy();
  });
  await expect(server.cluster.create(namespaces, { metadata: { name: 'a' } })).rejects.toMatchObject({
    status: 0,
  });
  expect(asked).toBe(1);
});
