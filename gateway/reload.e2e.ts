import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { composeServices } from '@theguild/federation-composition';
import { parse, print } from 'graphql';
import { createClient } from 'graphql-ws';
import { expect, test } from 'vitest';
import { WebSocket } from 'ws';
import { compiledPath } from '../platform/compiled.js';
import { startHttpSubgraph } from '../test/testkit/httpSubgraph.js';
import { until } from '../test/testkit/until.js';

const LINK = `extend schema @link(url: "https://specs.apollo.dev/federation/v2.7", import: ["@key"])`;
const QUERY = '{ book(id: "1") { title stars } }';
const EXPECTED = { data: { book: { title: 'Title 1', stars: 3 } } };
const CALLERS = 16;
const RELOADS = 3;

const startBooks = (ticked: () => Promise<void>) =>
  startHttpSubgraph(
    `${LINK}
    type Query { book(id: ID!): Book }
    type Subscription { ticks: Int! }
    type Book @key(fields: "id") { id: ID!, title: String }`,
    {
      Query: { book: (_root: unknown, { id }: { id: string }) => ({ id, title: `Title ${id}` }) },
      Subscription: {
        ticks: {
          subscribe: async function* () {
            for (let ticks = 1; ; ticks++) {
              yield { ticks };
              await ticked();
            }
          },
        },
      },
    },
  );

const startReviews = () =>
  startHttpSubgraph(
    `${LINK} type Book @key(fields: "id") { id: ID!, stars: Int } type Query { reviews: Int }`,
    { Book: { __resolveReference: ({ id }: { id: string }) => ({ id, stars: Number(id) + 2 }) } },
  );

/** The gateway as a process, its supergraph's file, and what it says. */
async function startGateway(supergraphOf: (extra: string) => string) {
  const folder = await mkdtemp(join(tmpdir(), 'gateway-'));
  const file = join(folder, 'supergraph.graphql');
  await writeFile(file, supergraphOf(''));
  const args = ['--supergraph', file, '--port', '0', '--identity', 'none', '--log-level', 'info'];
  const child = spawn(process.execPath, [compiledPath(import.meta.url, './main.js'), ...args]);
  const exited = once(child, 'exit');
  const said: { msg: string; url?: string; err?: { message: string } }[] = [];
  createInterface({ input: child.stdout }).on('line', (line) => {
    const entry = JSON.parse(line) as (typeof said)[number];
    if (entry.msg !== 'operation') said.push(entry);
  });
  const count = (message: string) => said.filter(({ msg }) => msg === message).length;
  await until('the gateway listens', () => count('listening') === 1);
  return {
    graphql: `${said.find(({ url }) => url)?.url}/graphql`,
    said,
    count,
    write: (text: string) => writeFile(file, text),
    async [Symbol.asyncDispose]() {
      child.kill('SIGKILL');
      await exited;
      await rm(folder, { recursive: true });
    },
  };
}

async function ask(address: string, query: string): Promise<unknown> {
  const response = await fetch(address, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ query }),
  });
  return response.json();
}

test('under load, its file is served anew and refused when broken: no request fails, no event is missed', async () => {
  let tick = () => {};
  const ticked = () => new Promise<void>((resolve) => (tick = resolve));
  await using books = await startBooks(ticked);
  await using reviews = await startReviews();
  const supergraphOf = (extra: string) => {
    const reviewsAndMore = parse(`${print(reviews.typeDefs)} ${extra}`);
    const composed = composeServices([
      { name: 'books', url: books.url, typeDefs: books.typeDefs },
      { name: 'reviews', url: reviews.url, typeDefs: reviewsAndMore },
    ]);
    return composed.supergraphSdl ?? '';
  };
  await using gateway = await startGateway(supergraphOf);

  const client = createClient({
    url: gateway.graphql.replace('http', 'ws'),
    webSocketImpl: WebSocket,
    retryAttempts: 0,
  });
  const events = client.iterate<{ ticks: number }>({ query: 'subscription { ticks }' });
  expect((await events.next()).value).toEqual({ data: { ticks: 1 } });

  const failures: unknown[] = [];
  let [answered, stopped] = [0, false];
  const load = Array.from({ length: CALLERS }, async () => {
    while (!stopped) {
      const answer = await ask(gateway.graphql, QUERY).catch((error: unknown) => error);
      if (JSON.stringify(answer) !== JSON.stringify(EXPECTED)) failures.push(answer);
      answered += 1;
    }
  });
  for (let reload = 1; reload <= RELOADS; reload++) {
    const before = answered;
    await gateway.write(`${supergraphOf('').slice(0, -reload * 100)}`);
    await until('the broken one is refused', () => gateway.count(REFUSED) === reload);
    await gateway.write(supergraphOf(`extend type Query { added${reload}: Int }`));
    await until('the good one is served', () => gateway.count('supergraph reloaded') === reload);
    const fields = await ask(gateway.graphql, '{ __type(name: "Query") { fields { name } } }');
    expect(JSON.stringify(fields)).toContain(`"added${reload}"`);
    tick();
    expect((await events.next()).value).toEqual({ data: { ticks: reload + 1 } });
    await until('callers were answered', () => answered > before + CALLERS);
  }
  stopped = true;
  await Promise.all(load);
  await client.dispose();
  expect(failures).toEqual([]);
});

const REFUSED = 'supergraph refused, the one before serves on';
