import { randomUUID } from 'node:crypto';
import { buildSchema, GraphQLError, parse, type ExecutionArgs } from 'graphql';
import { makeServer, type ServerOptions } from 'graphql-ws';
import type { PublicError } from '../../platform/errors.js';
import { unauthenticated } from '../../platform/identity/errors.js';
import type { Log } from '../../platform/telemetry/log.js';
import { parentIn } from '../../platform/telemetry/tracing.js';
import type { Credentials, Identity } from '../auth/identity.js';
import type { Sessions } from '../auth/sessions.js';
import type { GraphQLRequest, TextResult } from '../engine.js';
import { refusals } from '../metrics.js';
import { overloaded, toPublicError } from './errors.js';
import type { Operation, Operations } from './operations.js';
import { silentStream } from './silentStream.js';
import { CLOSE, type BoundedSocket } from './socket.js';

export interface SocketProtocolOptions {
  readonly operations: Operations;
  readonly sessions: Sessions;
  /** Operations that one socket may have under way at a time. */
  readonly operationsMax: number;
  readonly connectionInitWaitTimeoutMs: number;
  readonly log: Log;
}

/** What the protocol keeps for each socket. `identity` is set once `connection_init` was accepted. */
export interface Extra {
  readonly bounded: BoundedSocket;
  readonly correlationId: string;
  identity?: Identity;
  unwatch?: () => void;
}

type Hooks = Required<ServerOptions<Record<string, unknown>, Extra>>;

/**
 * `graphql-transport-ws`, as graphql-ws keeps it. Results are text already, so the library is given streams that yield
 * nothing, and frames are written to the socket beside it.
 */
export function createSocketProtocol(options: SocketProtocolOptions) {
  const { operations, sessions, operationsMax, connectionInitWaitTimeoutMs, log } = options;

  const onConnect: Hooks['onConnect'] = async ({ connectionParams, extra }) => {
    const credentials = credentialsFrom(connectionParams);
    const identity = await identifyOrClose(credentials, extra);
    if (!identity) return false;
    extra.identity = identity;
    extra.unwatch = sessions.watch({
      credentials,
      identity,
      end: (reason) =>
        extra.bounded.close(CLOSE.FORBIDDEN, reason === 'EXPIRED' ? 'Token expired' : 'Access changed'),
    });
    return true;
  };

  async function identifyOrClose(
    credentials: Credentials,
    { bounded, correlationId }: Extra,
  ): Promise<Identity | null> {
    try {
      const identity = await operations.identify(credentials);
      if (!identity) bounded.close(CLOSE.UNAUTHORIZED, 'Unauthorized');
      return identity;
    } catch (error) {
      const { code } = toPublicError(error, correlationId, log).extensions;
      if (code === 'UNAUTHENTICATED') bounded.close(CLOSE.FORBIDDEN, 'Forbidden');
      else bounded.close(CLOSE.TRY_AGAIN_LATER, 'Try again later');
      return null;
    }
  }

  const onSubscribe: Hooks['onSubscribe'] = ({ extra, subscriptions }, id, payload) => {
    const requestId = randomUUID();
    try {
      if (!extra.identity) throw unauthenticated('missing');
      if (Object.keys(subscriptions).length > operationsMax)
        throw overloaded('operations on this socket', operationsMax);
      const admission = operations.admit(payload as GraphQLRequest, extra.identity);
      const { identity, correlationId } = extra;
      const parent = parentIn(payload.extensions ?? {});
      const operation = { ...admission, identity, requestId, correlationId, positions: {}, parent };
      const contextValue: Accepted = {
        operation,
        id,
        bounded: extra.bounded,
        forget: () => delete subscriptions[id],
      };
      return { ...STREAM, contextValue };
    } catch (error) {
      const refusal = toPublicError(error, requestId, log);
      refusals.inc({ code: refusal.extensions.code });
      return [toGraphQLError(refusal)];
    }
  };

  const subscribe: Hooks['subscribe'] = ({ contextValue }) => {
    const { operation, id, bounded, forget } = contextValue as Accepted;
    const receive = (result: TextResult): void | Promise<void> => {
      if (stream.ended) return;
      if (result.ok)
        return bounded.send(`{"id":${JSON.stringify(id)},"type":"next","payload":${result.text}}`);
      // An error message ends the operation; with the library having forgotten it, no completion follows.
      forget();
      return bounded.send(JSON.stringify({ id, type: 'error', payload: errorsOf(result) }));
    };
    const stream = silentStream(() => operations.start(operation, receive));
    return stream;
  };

  return makeServer<Record<string, unknown>, Extra>({
    connectionInitWaitTimeout: connectionInitWaitTimeoutMs,
    onConnect,
    onSubscribe,
    subscribe,
    onClose: ({ extra }) => extra.unwatch?.(),
  });
}

interface Accepted {
  readonly operation: Operation;
  readonly id: string;
  readonly bounded: BoundedSocket;
  readonly forget: () => void;
}

/** What makes the library call `subscribe`, whatever kind of operation the engine will run. */
const STREAM: Pick<ExecutionArgs, 'schema' | 'document'> = {
  schema: buildSchema('type Query { results: Boolean } type Subscription { results: Boolean }'),
  document: parse('subscription { results }'),
};

const credentialsFrom = (parameters: Record<string, unknown> | undefined): Credentials => {
  const authorization = parameters?.['authorization'] ?? parameters?.['Authorization'];
  return typeof authorization === 'string' ? { authorization } : {};
};

const toGraphQLError = ({ message, extensions }: PublicError) => new GraphQLError(message, { extensions });

const errorsOf = ({ text }: TextResult): unknown => (JSON.parse(text) as { errors: unknown }).errors;
