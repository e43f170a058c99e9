import { randomBytes } from 'node:crypto';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { describe, expect, test } from 'vitest';
import { createSignedTransport } from '../../fleet/signedTransport.js';
import { createHttpTransport } from '../../gateway/transports/http.js';
import { createInProcessTransport } from '../../gateway/transports/inProcess.js';
import type { CallContext, Transport } from '../../gateway/transports/transport.js';
import { createWebSocketTransport } from '../../gateway/transports/webSocket.js';
import type { Subgraph } from '../../platform/server/subgraph.js';
import { createSubgraphServer } from '../../platform/server/subgraphServer.js';
import { createLog } from '../../platform/telemetry/log.js';
import { until } from '../testkit/until.js';
import { createContractSubgraph, serveContractSubgraph, type ContractSubgraph } from './transportSubgraph.js';

type Connected = { transport: Transport; kill: () => void; [Symbol.asyncDispose](): Promise<void> };
type Connect = (subgraph: ContractSubgraph) => Promise<Connected>;

const connectWebSocket = (url: string) =>
  createWebSocketTransport({ url, sign: (_, { principal }) => ({ principal }) });

const adapters: Record<string, Connect> = {
  'in process': ({ local }) => {
    const transport = createInProcessTransport(local);
    return Promise.resolve({
      transport,
      kill: () => {},
      [Symbol.asyncDispose]: () => transport[Symbol.asyncDispose](),
    });
  },
  HTTP: async (subgraph) => {
    const server = await serveContractSubgraph(subgraph);
    const transport = createHttpTransport({
      url: server.httpUrl,
      sign: (_, { principal }) => ({ 'x-principal': String(principal) }),
      subscriptions: connectWebSocket(server.wsUrl),
    });
    return served(transport, server);
  },
  WebSocket: async (subgraph) => {
    const server = await serveContractSubgraph(subgraph);
    return served(connectWebSocket(server.wsUrl), server);
  },
  'signed, to a subgraph in another process': async ({ local }) => {
    const subgraph = {
      ...local,
      name: 'contract',
      [Symbol.asyncDispose]: () => Promise.resolve(),
    } as Subgraph;
    const server = createSubgraphServer({ subgraph, history: NO_EVENTS, keys, log, drain: AT_ONCE });
    await server.listen(0);
    const stop = async () => server[Symbol.asyncDispose]();
    const transport = createSignedTransport({ name: 'contract', url: server.url, keys });
    return served(transport, { kill: () => void stop(), [Symbol.asyncDispose]: stop });
  },
};

const keys = [{ id: 'k1', secret: randomBytes(32) }];
const log = createLog({ name: 'test', level: 'silent' });
const AT_ONCE = { spreadMs: 0, idleMs: 0, limitMs: 0 };
const NO_EVENTS = {
  context: 'contract',
  head: () => Promise.resolve(0n),
  readContext: () => Promise.resolve([]),
};

function served(transport: Transport, server: Omit<Connected, 'transport'>): Connected {
  return {
    transport,
    kill: server.kill,
    async [Symbol.asyncDispose]() {
      await transport[Symbol.asyncDispose]();
      await server[Symbol.asyncDispose]();
    },
  };
}

const callAs = (principal: unknown, signal = new AbortController().signal): CallContext => ({
  principal,
  requestId: 'r1',
  correlationId: 'c1',
  positions: {},
  signal,
});

describe.each(Object.entries(adapters))('a transport %s', (_, connect) => {
  async function arrange() {
    const subgraph = createContractSubgraph();
    const connected = await connect(subgraph);
    return { ...connected, noticed: subgraph.noticed };
  }

  test('hands over the answer with its errors and extensions', async () => {
    await using at = await arrange();
    const answer = await at.transport.execute(
      { document: '{ echo(text: "a") refused }', variables: null },
      callAs('ann'),
    );
    expect(answer).toMatchObject({
      data: { echo: '{"text":"a"}', refused: null },
      errors: [
        { message: 'You may not', path: ['refused'], extensions: { code: 'FORBIDDEN', hint: 'Ask.' } },
      ],
      extensions: { positions: { contract: '7' } },
    });
  });

  test('hands over the variables as they were written', async () => {
    await using at = await arrange();
    const document = 'query ($text: String, $list: [Int]) { echo(text: $text, list: $list) }';
    const variables = { text: 'ünïcödé ☂ "quoted"', list: [1, null, -3] };
    const { data } = await at.transport.execute(
      { document, variables: JSON.stringify(variables) },
      callAs('ann'),
    );
    expect(JSON.parse(String(data?.['echo']))).toEqual(variables);
  });

  test('tells each call’s own principal', async () => {
    await using at = await arrange();
    const people = ['ann', 'bob', 'cy'];
    await Promise.all(
      people.map((person) => at.transport.execute({ document: '{ echo }', variables: null }, callAs(person))),
    );
    expect(new Set(at.noticed.principals)).toEqual(new Set(people));
  });

  test('fails a call at once when it is aborted', async () => {
    await using at = await arrange();
    const abort = new AbortController();
    const answer = at.transport.execute(
      { document: '{ never }', variables: null },
      callAs('ann', abort.signal),
    );
    await until('the subgraph is asked', () => at.noticed.principals.length === 1);
    abort.abort(new Error('too late'));
    await expect(answer).rejects.toThrow('too late');
  });

  test('does not send a call that is aborted already', async () => {
    await using at = await arrange();
    const signal = AbortSignal.abort(new Error('too late'));
    await expect(
      at.transport.execute({ document: '{ echo }', variables: null }, callAs('ann', signal)),
    ).rejects.toThrow('too late');
    expect(at.noticed.principals).toEqual([]);
  });

  test('yields the events of a subscription in order and ends with it', async () => {
    await using at = await arrange();
    const events = at.transport.subscribe(
      { document: 'subscription { count(to: 3) }', variables: null },
      callAs('ann'),
    );
    const counts: unknown[] = [];
    for await (const { data } of events) counts.push(data?.['count']);
    expect(counts).toEqual([1, 2, 3]);
  });

  test('tells the subgraph at once when the reader of a subscription leaves', async () => {
    await using at = await arrange();
    const events = at.transport.subscribe(
      { document: 'subscription { endless }', variables: null },
      callAs('ann'),
    );
    const pending = events.next();
    await until('the subgraph is asked', () => at.noticed.principals.length === 1);
    await events.return?.();
    await until('the subgraph sees the reader leave', () => at.noticed.left === 1);
    expect(await pending).toEqual({ done: true, value: undefined });
  });

  test('ends a subscription that is aborted, at the reader and at the subgraph', async () => {
    await using at = await arrange();
    const abort = new AbortController();
    const events = at.transport.subscribe(
      { document: 'subscription { endless }', variables: null },
      callAs('ann', abort.signal),
    );
    const pending = events.next();
    await until('the subgraph is asked', () => at.noticed.principals.length === 1);
    abort.abort(new Error('too late'));
    await expect(pending).rejects.toThrow('too late');
    await until('the subgraph sees the reader leave', () => at.noticed.left === 1);
  });
});

describe.each(Object.entries(adapters).filter(([name]) => name !== 'in process'))(
  'a transport over the network, %s',
  (_, connect) => {
    test('fails the calls and the subscriptions under way when the subgraph is lost', async () => {
      const subgraph = createContractSubgraph();
      await using at = await connect(subgraph);
      const answer = at.transport.execute({ document: '{ never }', variables: null }, callAs('ann'));
      const event = at.transport
        .subscribe({ document: 'subscription { endless }', variables: null }, callAs('ann'))
        .next();
      await until('both have arrived', () => subgraph.noticed.principals.length === 2);
      at.kill();
      await Promise.all([expect(answer).rejects.toThrow(), expect(event).rejects.toThrow()]);
    });

    test('a subscription that begins while the last one is being taken leave of is not lost with it', async () => {
      await using at = await connect(createContractSubgraph());
      const firstOf = async (document: string) => {
        const events = at.transport.subscribe({ document, variables: null }, callAs('ann'));
        const { value } = await events.next();
        await events.return?.();
        return value as unknown;
      };
      for (let round = 0; round < 10; round++) {
        expect(await firstOf('subscription { count(to: 3) }')).toEqual({ data: { count: 1 } });
        // The socket is closing now, and not closed yet.
        await new Promise(setImmediate);
      }
    });

    test('fails a call to a subgraph that is not there', async () => {
      await using at = await connect(createContractSubgraph());
      at.kill();
      await expect(
        at.transport.execute({ document: '{ echo }', variables: null }, callAs('ann')),
      ).rejects.toThrow();
    });
  },
);

async function serveText(status: number, text: string) {
  const server = createServer((_, response) => void response.writeHead(status).end(text));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}/`,
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

test('an HTTP answer that is longer than allowed fails the call', async () => {
  await using server = await serveText(200, JSON.stringify({ data: { long: 'x'.repeat(2000) } }));
  await using transport = createHttpTransport({ url: server.url, responseBytesMax: 1000 });
  await expect(transport.execute({ document: '{ long }', variables: null }, callAs('ann'))).rejects.toThrow(
    'exceeded max size',
  );
});

test('an HTTP answer that is not GraphQL fails the call', async () => {
  await using server = await serveText(502, '<h1>Bad gateway</h1>');
  await using transport = createHttpTransport({ url: server.url });
  await expect(transport.execute({ document: '{ echo }', variables: null }, callAs('ann'))).rejects.toThrow(
    'status 502',
  );
});

test('a GraphQL answer counts whatever its HTTP status', async () => {
  const answer = { errors: [{ message: 'no', extensions: { code: 'UNAUTHENTICATED' } }] };
  await using server = await serveText(401, JSON.stringify(answer));
  await using transport = createHttpTransport({ url: server.url });
  expect(await transport.execute({ document: '{ echo }', variables: null }, callAs('ann'))).toEqual(answer);
});
