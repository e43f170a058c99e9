import { randomBytes } from 'node:crypto';
import { buildSubgraphSchema } from '@apollo/subgraph';
import type { GraphQLResolverMap } from '@apollo/subgraph/dist/schema-helper/index.js';
import { parse } from 'graphql';
import { announced } from '../../test/testkit/announced.js';
import { PublicError } from '../errors.js';
import type { RequestContext, SubgraphCall } from '../graphql/requestContext.js';
import type { Principal } from '../identity/principal.js';
import { systemPrincipal } from '../identity/principal.js';
import type { History } from '../log/history.js';
import { createLog } from '../telemetry/log.js';
import { createInternalSignatures, writeCallHeaders } from './callHeaders.js';
import { createSubgraph } from './subgraph.js';
import { createSubgraphServer, type SubgraphServerOptions } from './subgraphServer.js';

const typeDefs = parse(/* GraphQL */ `
  type Query {
    "What the call carries, as JSON."
    call: String
    refused: String
    broken: String
    "Answers when told to."
    slow: String
    echo(list: [Float]): String
  }
  type Mutation {
    write: Boolean
  }
  type Subscription {
    count(to: Int!): Int
    "Who subscribes, as JSON."
    subscriber: String
    broken: Int
    silence: Int
  }
`);

export const ada: Principal = {
  id: 'user_ada',
  kind: 'USER',
  displayName: 'Ada',
  everywhere: [],
  projects: { project_1: ['project:view'] },
};

export const budgetExceeded = () =>
  new PublicError('BUDGET_EXCEEDED', 'There is too little left', 'Ask for more.', { free: '3' });

/** What the toy offers to other contexts. */
export interface ToyCalls {
  add(input: { left: number; right: number }): Promise<number>;
  forget(id: string): Promise<void>;
  refuse(): Promise<never>;
  fail(): Promise<never>;
}

export const toyCalls: ToyCalls = {
  add: ({ left, right }) => Promise.resolve(left + right),
  forget: () => Promise.resolve(),
  refuse: () => Promise.reject(budgetExceeded()),
  fail: () => Promise.reject(new Error('no route to db-7.internal')),
};

/** A history of so many events. */
export const toyHistory = (events: number): History => ({
  context: 'toy',
  head: () => Promise.resolve(BigInt(events)),
  readContext: (after, limit) => {
    const left = Math.max(0, events - Number(after));
    const length = Math.min(left, limit);
    return Promise.resolve(Array.from({ length }, (_, index) => announced('toy', after + BigInt(index + 1))));
  },
});

const context = (call: SubgraphCall): Promise<RequestContext> =>
  Promise.resolve({ call, principal: call.principal, written: { position: null } });

/** The subgraph `toy` on a free port, what it has noticed, and the keys that open it. */
export async function startToy(options: Partial<SubgraphServerOptions> = {}) {
  const noticed = { executed: 0, waiting: 0, subscribed: 0, left: 0 };
  const lines: string[] = [];
  const log = createLog({ name: 'toy', destination: { write: (line) => void lines.push(line) } });
  const keys = [{ id: 'k1', secret: randomBytes(32) }];
  let release = () => {};
  const released = new Promise<void>((resolve) => (release = resolve));

  const fail = () => {
    throw new Error('no route to db-7.internal');
  };
  const resolvers = {
    Query: {
      call: (_root: unknown, _args: unknown, { call, principal }: RequestContext) => {
        noticed.executed++;
        const { requestId, correlationId, positions } = call;
        return JSON.stringify({ principal, requestId, correlationId, positions });
      },
      refused: () => {
        throw budgetExceeded();
      },
      broken: fail,
      slow: async () => {
        noticed.waiting++;
        await released;
        return 'done';
      },
      echo: (_root: unknown, { list }: { list: number[] }) => JSON.stringify(list),
    },
    Mutation: {
      write: (_root: unknown, _args: unknown, { written }: RequestContext) => {
        written.position = 7n;
        return true;
      },
    },
    Subscription: {
      count: {
        subscribe: async function* (_root: unknown, { to }: { to: number }) {
          for (let count = 1; count <= to; count++) yield { count };
        },
      },
      subscriber: {
        subscribe: async function* (_root: unknown, _args: unknown, { principal }: RequestContext) {
          yield { subscriber: JSON.stringify(principal) };
        },
      },
      broken: { subscribe: () => Promise.resolve(failing()) },
      silence: {
        subscribe: (_root: unknown, _args: unknown, { call }: RequestContext) =>
          silence(noticed, call.signal),
      },
    },
  };
  const schema = buildSubgraphSchema({ typeDefs, resolvers: resolvers as GraphQLResolverMap<unknown> });
  const subgraph = await createSubgraph({ name: 'toy', schema, createContext: context, log });
  const server = createSubgraphServer({
    subgraph,
    history: toyHistory(0),
    calls: toyCalls,
    keys,
    log,
    drain: { spreadMs: 0, idleMs: 0, limitMs: 2_000 },
    ...options,
  });
  await server.listen(0);
  return {
    url: server.url,
    server,
    keys,
    log,
    noticed,
    lines,
    release,
    async [Symbol.asyncDispose]() {
      release();
      await server[Symbol.asyncDispose]();
      await subgraph[Symbol.asyncDispose]();
    },
  };
}

/** Fails at its first event. */
const failing = (): AsyncIterableIterator<unknown> => ({
  next: () => Promise.reject(new Error('no route to db-7.internal')),
  [Symbol.asyncIterator]() {
    return this;
  },
});

async function* silence(noticed: { subscribed: number; left: number }, signal: AbortSignal) {
  noticed.subscribed++;
  await new Promise((resolve) => signal.addEventListener('abort', resolve));
  noticed.left++;
  yield* [];
}

export type Toy = Awaited<ReturnType<typeof startToy>>;

export interface RawCall {
  readonly method: string;
  readonly path: string;
  readonly body: string;
  readonly headers: Record<string, string>;
}

const facts = { requestId: 'r1', correlationId: 'c1', positions: { toy: '5' } };

/** A GraphQL call as the gateway signs it. */
export function signedQuery({ keys }: Pick<Toy, 'keys'>, query: string, principal: Principal = ada): RawCall {
  return sign(keys, { method: 'POST', path: '/graphql', body: JSON.stringify({ query }) }, principal);
}

/** `clock` is the caller's, `audience` the subgraph that it means. */
export function sign(
  keys: SubgraphServerOptions['keys'],
  call: Omit<RawCall, 'headers'>,
  principal: Principal = systemPrincipal('test'),
  { audience = 'toy', clock }: { audience?: string; clock?: () => Date } = {},
): RawCall {
  const headers = writeCallHeaders(facts);
  const signatures = createInternalSignatures(keys, clock && { clock });
  const signature = signatures.signCall({ audience, ...call, headers }, principal);
  return { ...call, headers: { ...headers, ...signature } };
}

export async function send({ url }: Pick<Toy, 'url'>, { method, path, body, headers }: RawCall) {
  const response = await fetch(url + path, { method, headers, ...(method === 'POST' && { body }) });
  const text = await response.text();
  return { status: response.status, body: (text === '' ? null : JSON.parse(text)) as Answer };
}

export type Answer = {
  data?: Record<string, string | null>;
  errors?: { message: string; extensions: { code: string; details: Record<string, unknown> } }[];
};
