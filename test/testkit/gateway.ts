import { setTimeout as sleep } from 'node:timers/promises';
import { buildSchema, printSchema, type GraphQLFieldResolver } from 'graphql';
import type { Authenticate } from '../../gateway/auth/identity.js';
import { createGatewayServer, type GatewayServerOptions } from '../../gateway/http/server.js';
import { createLimits } from '../../gateway/limits/limits.js';
import { unauthenticated } from '../../platform/identity/errors.js';
import { createLog } from '../../platform/telemetry/log.js';
import { createGraphQLJsEngine, type TestContext } from './graphqlJsEngine.js';

const sdl = /* GraphQL */ `
  type Query {
    greeting: String
    "The principal that the call carries."
    caller: String
    "What the caller has written, as the call carries it."
    positions: String
    "Answers when the call is aborted, or after some time."
    slow(ms: Int!): String
    list(first: Int): [String]
    lines(count: Int!): [String]
  }
  type Mutation {
    write(position: String!): Boolean
  }
  type Subscription {
    count(to: Int!): Int
    "Ends when the subscriber leaves."
    silence: Int
    lines(count: Int!): [String]
  }
`;

type Resolve = GraphQLFieldResolver<unknown, TestContext>;

/** What the graph of these tests has seen of its callers leaving. */
export interface Seen {
  waiting: number;
  aborted: number;
  subscribed: number;
  unsubscribed: number;
}

export function createTestSchema(seen: Seen) {
  const schema = buildSchema(sdl);
  const resolve = (type: string, field: string, resolver: Resolve) => {
    const fields = schema.getType(type) as ReturnType<typeof schema.getQueryType>;
    Object.assign(fields?.getFields()[field] ?? {}, { resolve: resolver });
  };
  const subscribe = (field: string, events: (...args: Parameters<Resolve>) => AsyncIterable<unknown>) =>
    Object.assign(schema.getSubscriptionType()?.getFields()[field] ?? {}, { subscribe: events });

  resolve('Query', 'greeting', () => 'Hello');
  resolve('Query', 'caller', (_root, _args, { principal }) => JSON.stringify(principal));
  resolve('Query', 'positions', (_root, _args, { positions }) => JSON.stringify(positions));
  resolve('Query', 'lines', (_root, { count }) => Array.from({ length: count }, () => 'x'.repeat(1_000)));
  resolve('Query', 'slow', async (_root, { ms }, { signal }) => {
    seen.waiting++;
    await sleep(ms, null, { signal }).catch(() => seen.aborted++);
    return 'done';
  });
  resolve('Mutation', 'write', (_root, { position }, { written }) => {
    written['a'] = position;
    return true;
  });
  subscribe('count', async function* (_root, { to }) {
    for (let count = 1; count <= to; count++) yield { count };
  });
  subscribe('lines', async function* (_root, { count }) {
    for (;;) yield { lines: Array.from({ length: count }, () => 'x'.repeat(1_000)) };
  });
  subscribe('silence', (_root, _args, { signal }) => silence(seen, signal));
  return schema;
}

async function* silence(seen: Seen, signal: AbortSignal) {
  seen.subscribed++;
  await new Promise((resolve) => signal.addEventListener('abort', resolve));
  seen.unsubscribed++;
  yield* [];
}

/** Knows `Bearer <name>`, and refuses every name in `banned` from then on. */
export const authenticateByName =
  (banned: ReadonlySet<string> = new Set(), expiresAt: Date | null = null): Authenticate =>
  ({ authorization }) => {
    const name = /^Bearer (\w+)$/.exec(authorization ?? '')?.[1];
    if (!name) return Promise.reject(unauthenticated(authorization === undefined ? 'missing' : 'malformed'));
    if (banned.has(name)) return Promise.reject(unauthenticated('unknown_user'));
    return Promise.resolve({ principal: { name }, id: name, expiresAt });
  };

/** A gateway on a free port, over one schema executed by graphql-js. */
export async function startTestGateway(options: Partial<GatewayServerOptions> = {}) {
  const seen: Seen = { waiting: 0, aborted: 0, subscribed: 0, unsubscribed: 0 };
  const lines: string[] = [];
  const schema = createTestSchema(seen);
  const limits = createLimits(printSchema(schema));
  const server = createGatewayServer({
    engine: createGraphQLJsEngine(schema),
    authenticate: authenticateByName(),
    limits: () => limits,
    log: createLog({ name: 'gateway', destination: { write: (line) => void lines.push(line) } }),
    version: '0.0.0',
    ...options,
    settings: { drain: { spreadMs: 0, idleMs: 0, limitMs: 2_000 }, ...options.settings },
  });
  await server.listen(0);

  /** POSTs a query as `name`, and answers the response. */
  const post = (body: unknown, headers: Record<string, string> = {}) =>
    fetch(`${server.url}/graphql`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', authorization: 'Bearer ada', ...headers },
      body: typeof body === 'string' ? body : JSON.stringify(body),
    });
  return {
    server,
    url: server.url,
    graphql: `${server.url}/graphql`,
    websocket: `${server.url.replace('http', 'ws')}/graphql`,
    seen,
    lines,
    post,
    [Symbol.asyncDispose]: () => server.close(),
  };
}

/** Waits until something holds; fails after two seconds. */
export async function until(holds: () => boolean | Promise<boolean>, deadlineMs = 2_000): Promise<void> {
  const end = performance.now() + deadlineMs;
  while (!(await holds())) {
    if (performance.now() > end) throw new Error(`not within ${deadlineMs} ms: ${holds.toString()}`);
    await sleep(5);
  }
}
