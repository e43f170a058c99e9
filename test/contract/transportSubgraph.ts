import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { buildSchema, execute, parse, subscribe, type ExecutionResult } from 'graphql';
import { useServer } from 'graphql-ws/use/ws';
import { WebSocketServer } from 'ws';
import type { LocalSubgraph } from '../../gateway/transports/inProcess.js';
import type { CallContext, SubgraphResponse } from '../../gateway/transports/transport.js';

/** What the subgraph of the contract suite has noticed. */
export interface Noticed {
  /** The principal that came with each operation. */
  readonly principals: unknown[];
  /** Events that were still awaited when their reader left. */
  left: number;
}

const POSITIONS = { positions: { contract: '7' } };

const schema = buildSchema(`
  type Query { echo(text: String, list: [Int]): String refused: String never: String long(length: Int!): String }
  type Subscription { count(to: Int!): Int endless: Int }
`);

/** One subgraph for all transports: each test asks it the same things. */
export function createContractSubgraph() {
  const noticed: Noticed = { principals: [], left: 0 };

  const rootValue = {
    echo: ({ text, list }: { text?: string; list?: number[] }) => JSON.stringify({ text, list }),
    refused: () => {
      throw Object.assign(new Error('You may not'), { extensions: { code: 'FORBIDDEN', hint: 'Ask.' } });
    },
    never: () => new Promise(() => {}),
    long: ({ length }: { length: number }) => 'x'.repeat(length),
    async *count({ to }: { to: number }) {
      for (let count = 1; count <= to; count++) yield { count };
    },
    endless: () => ({
      next: () => new Promise(() => {}),
      return: () => {
        noticed.left += 1;
        return Promise.resolve({ done: true, value: undefined });
      },
      [Symbol.asyncIterator]() {
        return this;
      },
    }),
  };

  const run = (document: string, variableValues: Record<string, unknown>, principal: unknown) => {
    noticed.principals.push(principal);
    return { schema, document: parse(document), variableValues, rootValue };
  };

  const local: LocalSubgraph = {
    async execute({ document, variables }, { principal }) {
      const result = await execute(run(document, variables, principal));
      return { ...result, extensions: POSITIONS } as SubgraphResponse;
    },
    subscribe({ document, variables }, { principal }) {
      return opened(subscribe(run(document, variables, principal)));
    },
  };
  return { noticed, local, run };
}

/** An iterator at once, of a subscription that is being opened. */
function opened(opening: ReturnType<typeof subscribe>): AsyncIterableIterator<SubgraphResponse> {
  const iterator = opening.then((result) => {
    if (!(Symbol.asyncIterator in result)) throw new Error('the subscription was refused');
    return result as AsyncGenerator<ExecutionResult>;
  });
  return {
    next: async () => (await iterator).next() as Promise<IteratorResult<SubgraphResponse>>,
    return: async () => {
      await (await iterator).return(undefined);
      return { done: true, value: undefined };
    },
    [Symbol.asyncIterator]() {
      return this;
    },
  };
}

export type ContractSubgraph = ReturnType<typeof createContractSubgraph>;

/** The same subgraph over HTTP and WebSocket. The principal comes in a header, or in the subscribe message. */
export async function serveContractSubgraph({ local, run }: ContractSubgraph) {
  const server = createServer((request, response) => void answer(request, response, local));
  const sockets = new WebSocketServer({ server });
  useServer(
    {
      onSubscribe: (_, __, { query, variables, extensions }) =>
        run(query, variables ?? {}, extensions?.['principal']),
      execute: async (args) => ({ ...(await execute(args)), extensions: POSITIONS }),
    },
    sockets,
  );
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  return {
    httpUrl: `http://127.0.0.1:${port}/graphql`,
    wsUrl: `ws://127.0.0.1:${port}/graphql`,
    /** Everything is gone at once, as when the process dies. */
    kill: () => kill(server, sockets),
    [Symbol.asyncDispose]: async () => kill(server, sockets),
  };
}

async function answer(
  request: IncomingMessage,
  response: ServerResponse,
  local: LocalSubgraph,
): Promise<void> {
  let body = '';
  for await (const chunk of request) body += String(chunk);
  const { query, variables } = JSON.parse(body) as { query: string; variables?: Record<string, unknown> };
  const principal = request.headers['x-principal'];
  const result = await local.execute({ document: query, variables: variables ?? {} }, {
    principal,
  } as CallContext);
  response.setHeader('content-type', 'application/json').end(JSON.stringify(result));
}

function kill(server: Server, sockets: WebSocketServer): void {
  for (const socket of sockets.clients) socket.terminate();
  server.closeAllConnections();
  server.close();
}
