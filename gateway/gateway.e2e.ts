import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { setTimeout as sleep } from 'node:timers/promises';
import { composeServices } from '@theguild/federation-composition';
import { parse, print } from 'graphql';
import { serverAudits } from 'graphql-http';
import { createClient as createSseClient } from 'graphql-sse';
import { createClient as createSocketClient } from 'graphql-ws';
import { expect, test } from 'vitest';
import { WebSocket } from 'ws';
import { compiledPath } from '../platform/compiled.js';
import { createLog } from '../platform/telemetry/log.js';
import { startHttpSubgraph } from '../test/testkit/httpSubgraph.js';
import { createGateway } from './app.js';
import { withoutIdentity } from './auth/identity.js';
import { createHttpTransport } from './transports/http.js';

const LINK = `extend schema @link(url: "https://specs.apollo.dev/federation/v2.7", import: ["@key"])`;

const startBooks = () =>
  startHttpSubgraph(
    `${LINK}
    type Query { book(id: ID!): Book, slow(ms: Int!): String }
    type Mutation { rename(id: ID!, title: String!): Book }
    type Subscription { read(to: Int!): Book }
    type Book @key(fields: "id") { id: ID!, title: String }`,
    {
      Query: {
        book: (_root: unknown, { id }: { id: string }) => ({ id, title: `Title ${id}` }),
        slow: (_root: unknown, { ms }: { ms: number }) => sleep(ms, 'done'),
      },
      Mutation: { rename: (_root: unknown, book: { id: string; title: string }) => book },
      Subscription: {
        read: {
          subscribe: async function* (_root: unknown, { to }: { to: number }) {
            for (let id = 1; id <= to; id++) yield { read: { id: String(id), title: `Title ${id}` } };
          },
        },
      },
    },
  );

const startReviews = () =>
  startHttpSubgraph(
    `${LINK} type Book @key(fields: "id") { id: ID!, stars: Int } type Query { reviews: Int }`,
    {
      Book: { __resolveReference: ({ id }: { id: string }) => ({ id, stars: Number(id) + 2 }) },
      Query: { reviews: () => 7 },
    },
  );

/** The gateway as a process of its own, as `npm run gateway` starts it. */
async function startGatewayProcess() {
  const [books, reviews] = [await startBooks(), await startReviews()];
  const composed = composeServices([
    { name: 'books', url: books.url, typeDefs: books.typeDefs },
    { name: 'reviews', url: reviews.url, typeDefs: reviews.typeDefs },
  ]);
  if (composed.supergraphSdl === undefined) throw new Error(composed.errors?.join('\n'));
  const folder = await mkdtemp(join(tmpdir(), 'gateway-'));
  const file = join(folder, 'supergraph.graphql');
  await writeFile(file, composed.supergraphSdl);
  const args = ['--supergraph', file, '--port', '0', '--identity', 'none'];
  const child = spawn(process.execPath, [compiledPath(import.meta.url, './main.js'), ...args]);
  const exited = once(child, 'exit');
  const url = await urlOf(child.stdout);
  return {
    child,
    exited,
    graphql: `${url}/graphql`,
    url,
    async [Symbol.asyncDispose]() {
      child.kill('SIGKILL');
      await exited;
      await Promise.all([
        books[Symbol.asyncDispose](),
        reviews[Symbol.asyncDispose](),
        rm(folder, { recursive: true }),
      ]);
    },
  };
}

async function urlOf(output: NodeJS.ReadableStream): Promise<string> {
  for await (const line of createInterface({ input: output })) {
    const entry = JSON.parse(line) as { msg: string; url?: string };
    if (entry.msg === 'listening' && entry.url) return entry.url;
  }
  throw new Error('The gateway ended before it listened');
}

const post = (address: string, query: string) =>
  fetch(address, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ query }),
  });

const events = [1, 2, 3].map((id) => ({ data: { read: { title: `Title ${id}`, stars: id + 2 } } }));
const subscription = { query: 'subscription { read(to: 3) { title stars } }' };

test('any supergraph is served: by POST, GET, event stream and socket, joined over its subgraphs', async () => {
  await using gateway = await startGatewayProcess();
  const query = '{ book(id: "1") { title stars } reviews }';
  const expected = { data: { book: { title: 'Title 1', stars: 3 }, reviews: 7 } };
  expect(await (await post(gateway.graphql, query)).json()).toEqual(expected);
  const address = `${gateway.graphql}?query=${encodeURIComponent(query)}`;
  expect(await (await fetch(address, { headers: { 'x-requested-with': 'test' } })).json()).toEqual(expected);
  const renamed = await post(gateway.graphql, 'mutation { rename(id: "4", title: "New") { title stars } }');
  expect(await renamed.json()).toEqual({ data: { rename: { title: 'New', stars: 6 } } });

  const overStream: unknown[] = [];
  const streams = createSseClient({ url: gateway.graphql, retryAttempts: 0 });
  for await (const event of streams.iterate(subscription)) overStream.push(event);
  expect(overStream).toEqual(events);

  const overSocket: unknown[] = [];
  const url = gateway.graphql.replace('http', 'ws');
  const sockets = createSocketClient({ url, webSocketImpl: WebSocket, retryAttempts: 0 });
  for await (const event of sockets.iterate(subscription)) overSocket.push(event);
  await sockets.dispose();
  expect(overSocket).toEqual(events);
});

test('over the real engine, too, every check of the GraphQL over HTTP audit suite passes', async () => {
  await using gateway = await startGatewayProcess();
  const results = await Promise.all(serverAudits({ url: gateway.graphql }).map((audit) => audit.fn()));
  expect(results.filter(({ status }) => status !== 'ok').map(({ name }) => name)).toEqual([]);
  expect(results).toHaveLength(61);
});

test('a browser gets GraphiQL, from this server alone', async () => {
  await using gateway = await startGatewayProcess();
  const response = await fetch(gateway.graphql, { headers: { accept: 'text/html,*/*;q=0.8' } });
  const html = await response.text();
  expect(response.headers.get('content-security-policy')).toContain("script-src 'self'");
  const files = [...html.matchAll(/(?:src|href)="(\/[^"]+)"/g)].map(([, path]) => path);
  expect(files.length).toBeGreaterThan(1);
  for (const file of files) expect((await fetch(`${gateway.url}${file}`)).status).toBe(200);
  expect((await fetch(`${gateway.url}/graphiql/..%2f..%2f..%2fpackage.json`)).status).toBe(404);
});

test('a new supergraph is served from the next request on, and a broken one is refused', async () => {
  await using reviews = await startReviews();
  const compose = (extra: string) => {
    const typeDefs = parse(`${print(reviews.typeDefs)} ${extra}`);
    return composeServices([{ name: 'reviews', url: reviews.url, typeDefs }]).supergraphSdl ?? '';
  };
  await using gateway = await createGateway({
    supergraphSdl: compose(''),
    connect: ({ url }) => createHttpTransport({ url }),
    authenticate: withoutIdentity,
    log: createLog({ name: 'gateway', level: 'silent' }),
    version: '0.0.0',
  });
  await gateway.listen(0);
  const ask = async (query: string) => (await post(`${gateway.url}/graphql`, query)).json();
  const added = { data: { __type: { name: 'Added' } } };
  const question = '{ __type(name: "Added") { name } }';
  expect(await ask(question)).not.toEqual(added);
  await gateway.reload(compose('type Added { id: ID } extend type Query { added: Added }'));
  expect(await ask(question)).toEqual(added);
  await expect(gateway.reload('type Query { nothing: Int')).rejects.toThrow();
  expect(await ask('{ reviews }')).toEqual({ data: { reviews: 7 } });
});

test('health, discovery and the schema are there for anybody', async () => {
  await using gateway = await startGatewayProcess();
  expect((await fetch(`${gateway.url}/livez`)).status).toBe(200);
  expect((await fetch(`${gateway.url}/readyz`)).status).toBe(200);
  const discovery = (await (await fetch(`${gateway.url}/.well-known/fleetgraph.json`)).json()) as {
    sdlUrl: string;
  };
  expect(discovery).toMatchObject({ issuer: null, websocketUrl: gateway.graphql.replace('http', 'ws') });
  const sdl = await (await fetch(discovery.sdlUrl)).text();
  expect(sdl).toContain('type Book');
  expect(sdl).not.toContain('join__');
});

test('SIGTERM under load ends the gateway within five seconds, and no request it took fails', async () => {
  await using gateway = await startGatewayProcess();
  const failures: unknown[] = [];
  let answered = 0;
  let stopping = false;
  const load = Array.from({ length: 16 }, async () => {
    for (;;) {
      try {
        const response = await post(gateway.graphql, '{ slow(ms: 20) book(id: "1") { stars } }');
        const body = await response.text();
        if (response.status !== 200 || body.includes('errors')) failures.push(body);
        answered++;
      } catch (error) {
        const { code } = (error as { cause: { code?: string } }).cause;
        // Once it takes no connections any more, its clients go elsewhere.
        if (!(stopping && code === 'ECONNREFUSED')) failures.push(error);
        return;
      }
    }
  });
  while (answered < 100) await sleep(5);
  stopping = true;
  const started = performance.now();
  gateway.child.kill('SIGTERM');
  await Promise.all(load);
  expect(await gateway.exited).toEqual([0, null]);
  expect(performance.now() - started).toBeLessThan(5_000);
  expect(failures).toEqual([]);
});

test('a request that is under way at SIGTERM is answered', async () => {
  await using gateway = await startGatewayProcess();
  const answer = post(gateway.graphql, '{ slow(ms: 1000) }');
  await post(gateway.graphql, '{ reviews }');
  gateway.child.kill('SIGTERM');
  expect(await (await answer).json()).toEqual({ data: { slow: 'done' } });
  expect(await gateway.exited).toEqual([0, null]);
});

test.each([
  ['no supergraph', ['--identity', 'none'], '--supergraph: is missing'],
  ['a file that is not there', ['--supergraph', '/none', '--identity', 'none'], 'ENOENT'],
  [
    'another identity',
    ['--supergraph', '/none', '--identity', 'oidc', '--port', 'x'],
    '--identity: must be "none"',
  ],
])('with %s it does not start, and says why', async (_title, args, reason) => {
  const child = spawn(process.execPath, [compiledPath(import.meta.url, './main.js'), ...args]);
  let output = '';
  child.stderr.on('data', (chunk: Buffer) => (output += chunk.toString()));
  expect(await once(child, 'close')).toEqual([1, null]);
  expect(output).toContain(reason);
  expect(output).not.toContain('    at ');
});
