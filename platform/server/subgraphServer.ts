import { randomUUID } from 'node:crypto';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { Duplex } from 'node:stream';
import { PublicError } from '../errors.js';
import type { SharedNonces } from '../identity/sharedNonces.js';
import type { SigningKey } from '../identity/signature.js';
import type { History } from '../log/history.js';
import type { Log } from '../telemetry/log.js';
import { abandonUnread } from './body.js';
import { createCallEndpoints, type InternalCalls } from './callEndpoints.js';
import { createInternalSignatures } from './callHeaders.js';
import { createDrain, type DrainTimes } from './drain.js';
import { createGraphqlEndpoint } from './graphqlEndpoint.js';
import { createHealth, type ReadinessCheck } from './health.js';
import { createHistoryEndpoints } from './historyEndpoints.js';
import { internalError, methodNotAllowed } from './requestErrors.js';
import { createSignedReader } from './signedReader.js';
import type { Subgraph } from './subgraph.js';
import { createSubgraphSockets, GRAPHQL_PATH } from './subgraphSockets.js';
import { createListening } from './listening.js';

export interface SubgraphServerOptions {
  readonly subgraph: Subgraph;
  /** The context's own events, for the other contexts. */
  readonly history: History;
  /** What the context offers to the others. */
  readonly calls?: InternalCalls;
  readonly keys: readonly SigningKey[];
  /** Where other processes answer to the same name. */
  readonly sharedNonces?: SharedNonces | undefined;
  readonly readiness?: Readonly<Record<string, ReadinessCheck>>;
  readonly log: Log;
  readonly drain?: DrainTimes;
  readonly clock?: () => Date;
}

export interface SubgraphServer extends AsyncDisposable {
  /** Answers the port, which the system chooses if it is 0. */
  listen(port: number, host?: string): Promise<number>;
  /** Where it listens, for example `http://127.0.0.1:4011`. */
  readonly url: string;
}

const BODY_BYTES_MAX = 4 * 1024 * 1024;
/** A principal with rights in very many projects travels in a header. */
const HEADER_BYTES_MAX = 64 * 1024;
const DRAIN: DrainTimes = { spreadMs: 1_000, idleMs: 500, limitMs: 8_000 };

/**
 * A subgraph as a server of its own, for the gateway and the other subgraphs alone: GraphQL by POST and WebSocket, the
 * calls and the history of its context. Everything but its health needs a signature. Disposing it drains it: open
 * requests are answered, sockets are closed with 1001.
 */
export function createSubgraphServer(options: SubgraphServerOptions): SubgraphServer {
  const { subgraph, history, calls = {}, readiness = {}, log } = options;
  const signatures = createInternalSignatures(options.keys, {
    sharedNonces: options.sharedNonces,
    ...(options.clock && { clock: options.clock }),
  });
  const server = createServer({
    keepAliveTimeout: 65_000,
    requestTimeout: 60_000,
    maxHeaderSize: HEADER_BYTES_MAX,
  });
  const drain = createDrain(server);
  const health = createHealth({ checks: readiness, isDraining: drain.isDraining, log });
  const readSigned = createSignedReader({ audience: subgraph.name, signatures, bytesMax: BODY_BYTES_MAX });
  const sockets = createSubgraphSockets({ subgraph, signatures, bytesMax: BODY_BYTES_MAX, log });
  const endpoints = new Map([
    [GRAPHQL_PATH, createGraphqlEndpoint(subgraph)],
    ...Object.entries(createCallEndpoints(calls)),
    ...Object.entries(createHistoryEndpoints(history)),
  ]);

  async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    drain.track(response);
    abandonUnread(request, response);
    try {
      const [path = '', search] = (request.url ?? '/').split('?', 2);
      if (path === '/livez') return await health.livez(request, response);
      if (path === '/readyz') return await health.readyz(request, response);
      const endpoint = endpoints.get(path);
      if (!endpoint) return writeText(response, 404, '');
      if (request.method !== endpoint.method) throw methodNotAllowed(endpoint.method);
      const signed = await readSigned(request, new URLSearchParams(search), signalOf(response));
      writeText(response, 200, JSON.stringify(await endpoint.answer(signed)));
    } catch (error) {
      const { message, extensions } = toRefusal(error, log);
      const text = JSON.stringify({ errors: [{ message, extensions }] });
      writeText(response, STATUSES[extensions.code] ?? 422, text);
    }
  }

  server.on(
    'request',
    (request: IncomingMessage, response: ServerResponse) => void answer(request, response),
  );
  server.on('upgrade', (request: IncomingMessage, connection: Duplex, head: Buffer) => {
    connection.on('error', () => connection.destroy());
    if (drain.isDraining()) return refuseUpgrade(connection, '503 Service Unavailable');
    if (request.url !== GRAPHQL_PATH) return refuseUpgrade(connection, '404 Not Found');
    sockets.upgrade(request, connection, head);
  });

  let closing: Promise<void> | undefined;
  const listening = createListening(server);
  return {
    listen: listening.listen,
    get url() {
      return listening.url;
    },
    [Symbol.asyncDispose]: () => (closing ??= drain.drain(sockets.closers(), options.drain ?? DRAIN)),
  };
}

const STATUSES: Readonly<Record<string, number>> = {
  BAD_REQUEST: 400,
  UNAUTHENTICATED: 401,
  FORBIDDEN: 403,
  METHOD_NOT_ALLOWED: 405,
  PAYLOAD_TOO_LARGE: 413,
  INTERNAL_SERVER_ERROR: 500,
  UNAVAILABLE: 503,
};

function toRefusal(error: unknown, log: Log): PublicError {
  if (error instanceof PublicError) return error;
  const errorId = randomUUID();
  log.error({ error, errorId }, 'masked error');
  return internalError(errorId);
}

/** Aborts when the caller leaves before it has its answer. */
function signalOf(response: ServerResponse): AbortSignal {
  const left = new AbortController();
  response.once('close', () => {
    if (!response.writableFinished) left.abort();
  });
  return left.signal;
}

const writeText = (response: ServerResponse, status: number, text: string): void =>
  void response.writeHead(status, { 'content-type': 'application/json; charset=utf-8' }).end(text);

function refuseUpgrade(connection: Duplex, status: string): void {
  connection.end(`HTTP/1.1 ${status}\r\nconnection: close\r\ncontent-length: 0\r\n\r\n`);
}
