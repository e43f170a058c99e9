import { randomUUID } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import type { Duplex } from 'node:stream';
import {
  buildSchema,
  type ExecutionArgs,
  type FormattedExecutionResult,
  getOperationAST,
  GraphQLError,
  parse,
} from 'graphql';
import { CloseCode, type ServerOptions } from 'graphql-ws';
import { type Extra, useServer } from 'graphql-ws/use/ws';
import { type WebSocket, WebSocketServer } from 'ws';
import type { SubgraphCall } from '../graphql/requestContext.js';
import type { CallSignatures, Headers } from '../identity/signature.js';
import type { Log } from '../telemetry/log.js';
import { readCallHeaders } from './callHeaders.js';
import { readOperation } from './graphqlEndpoint.js';
import { internalError } from './requestErrors.js';
import type { Subgraph, SubgraphOperation, SubgraphResponse } from './subgraph.js';

export const GRAPHQL_PATH = '/graphql';

/**
 * What is signed on a socket: once that the socket is the gateway's, in the connection's parameters, and for each
 * operation the query and the variables, in the extensions of the subscribe message under `headers`.
 */
export const SIGNED_CONNECTION = { method: 'CONNECT', path: GRAPHQL_PATH, body: '' } as const;
export const signedOperation = ({ document, variables }: SubgraphOperation) => ({
  method: 'SUBSCRIBE',
  path: GRAPHQL_PATH,
  body: JSON.stringify([document, variables]),
});

const KEEP_ALIVE_MS = 12_000;
const CLOSE_TIMEOUT_MS = 2_000;
const GOING_AWAY = 1001;

type Hooks = Required<ServerOptions<Record<string, unknown>, Extra>>;
type Accepted = { operation: SubgraphOperation; call: Omit<SubgraphCall, 'signal'> };

/** GraphQL over WebSocket (`graphql-transport-ws`) for the gateway. A call that is not signed rightly costs the socket. */
export function createSubgraphSockets(options: {
  subgraph: Subgraph;
  signatures: CallSignatures;
  bytesMax: number;
  log: Log;
}) {
  const { subgraph, signatures, bytesMax, log } = options;
  const audience = subgraph.name;
  const server = new WebSocketServer({ noServer: true, maxPayload: bytesMax });

  const onConnect: Hooks['onConnect'] = async ({ connectionParams = {} }) => {
    try {
      await signatures.verifyCall({ audience, ...SIGNED_CONNECTION, headers: connectionParams as Headers });
      return true;
    } catch (error) {
      log.warn({ error }, 'socket refused');
      return false;
    }
  };

  const onSubscribe: Hooks['onSubscribe'] = async ({ extra }, _id, payload) => {
    try {
      const operation = readOperation(payload);
      const headers = (payload.extensions?.['headers'] ?? {}) as Headers;
      const principal = await signatures.verifyCall({ audience, ...signedOperation(operation), headers });
      const call = { principal, ...readCallHeaders(headers) };
      return { ...STREAM, contextValue: { operation, call } satisfies Accepted };
    } catch (error) {
      log.warn({ error }, 'operation on a socket refused');
      extra.socket.close(CloseCode.Forbidden, 'Forbidden');
      return [new GraphQLError('Forbidden')];
    }
  };

  const subscribe = ({ contextValue }: ExecutionArgs): AsyncIterableIterator<SubgraphResponse> => {
    const { operation, call } = contextValue as Accepted;
    return isSubscription(operation.document)
      ? subgraph.subscribe(operation, { ...call, signal: new AbortController().signal })
      : oneAnswer((signal) => subgraph.execute(operation, { ...call, signal }));
  };

  const onError: Hooks['onError'] = (_context, _id, _payload, errors) => {
    const errorId = randomUUID();
    log.error({ errors, errorId }, 'masked error');
    const { message, extensions } = internalError(errorId);
    return [{ message, extensions }];
  };

  useServer<Record<string, unknown>, Record<string, never>>(
    {
      onConnect,
      onSubscribe,
      subscribe: subscribe as Hooks['subscribe'],
      // Answers are masked and formatted already.
      onNext: (...[, , , , answer]) => answer as FormattedExecutionResult,
      onError,
    },
    server,
    KEEP_ALIVE_MS,
  );

  return {
    upgrade(request: IncomingMessage, connection: Duplex, head: Buffer): void {
      server.handleUpgrade(request, connection, head, (socket) => server.emit('connection', socket, request));
    },
    /** What closes each open socket. The gateway takes it as a reason to come back. */
    closers: (): readonly (() => void)[] => [...server.clients].map((socket) => () => goAway(socket)),
  };
}

/** What makes the library call `subscribe`, whatever kind of operation the subgraph will run. */
const STREAM: Pick<ExecutionArgs, 'schema' | 'document'> = {
  schema: buildSchema('type Query { answers: Boolean } type Subscription { answers: Boolean }'),
  document: parse('subscription { answers }'),
};

/** A document that cannot be read is none: executing it says what is wrong with it. */
function isSubscription(document: string): boolean {
  try {
    return getOperationAST(parse(document, { noLocation: true }))?.operation === 'subscription';
  } catch {
    return false;
  }
}

/** Ends after the answer. Leaving before aborts the work. */
function oneAnswer(
  execute: (signal: AbortSignal) => Promise<SubgraphResponse>,
): AsyncIterableIterator<SubgraphResponse> {
  const left = new AbortController();
  const over = { done: true, value: undefined } as const;
  let asked = false;
  return {
    async next() {
      if (asked) return over;
      asked = true;
      return { done: false, value: await execute(left.signal) };
    },
    return() {
      left.abort();
      return Promise.resolve(over);
    },
    [Symbol.asyncIterator]() {
      return this;
    },
  };
}

function goAway(socket: WebSocket): void {
  socket.close(GOING_AWAY, 'Going away');
  setTimeout(() => socket.terminate(), CLOSE_TIMEOUT_MS).unref();
}
