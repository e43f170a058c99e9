import { SpanKind } from '@opentelemetry/api';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { methodNotAllowed } from '../../platform/server/requestErrors.js';
import type { Log } from '../../platform/telemetry/log.js';
import { parentIn, traced } from '../../platform/telemetry/tracing.js';
import type { TextResult } from '../engine.js';
import { refusals } from '../metrics.js';
import { errorText, notAcceptable, preflightRequired, statusOf, toPublicError } from './errors.js';
import type { EventStreams } from './eventStream.js';
import { preferredMediaType, type MediaType } from './mediaType.js';
import { requestIdFrom, type Admission, type Operation, type Operations } from './operations.js';
import { readParameters } from './parameters.js';
import type { Handle } from './routes.js';
import { POSITIONS_HEADER, readPositions, writePositions } from './positions.js';

export interface GraphQLHandlerOptions {
  readonly operations: Operations;
  readonly eventStreams: EventStreams;
  /** Answers a browser that opens the address. */
  readonly page: Handle;
  readonly bytesMax: number;
  readonly log: Log;
}

const ACCEPT_HINT =
  'Accept application/graphql-response+json or application/json, or text/event-stream for a subscription.';
/** A browser sends these to another site only after that site has agreed to it. */
const PREFLIGHT_HEADERS = ['authorization', 'x-requested-with', 'apollo-require-preflight'];

/** GraphQL over HTTP: POST and GET, one answer or a stream of them. */
export function createGraphQLHandler({
  operations,
  eventStreams,
  page,
  bytesMax,
  log,
}: GraphQLHandlerOptions) {
  async function answer(request: IncomingMessage, response: ServerResponse, reply: Reply): Promise<void> {
    if (reply.mediaType === null) throw notAcceptable(ACCEPT_HINT);
    const parameters = await readParameters(request, bytesMax);
    const positions = readPositions(headerOf(request, POSITIONS_HEADER));
    const credentials = { authorization: request.headers.authorization, written: positions };
    const identity = await operations.identify(credentials);
    const admission = operations.admit(parameters, identity);
    refuseByMethod(request, admission);
    const operation: Operation = {
      ...admission,
      identity,
      requestId: reply.requestId,
      correlationId: requestIdFrom(request.headers['x-correlation-id'] ?? reply.requestId),
      positions,
    };
    if (reply.mediaType === 'text/event-stream') return eventStreams.open(operation, credentials, response);
    if (admission.kind === 'subscription') throw notAcceptable(ACCEPT_HINT);
    const result = await runOnce(operations, operation, response);
    if (result && !response.destroyed) writeResult(response, result, reply.mediaType);
  }

  return async function handleGraphQL(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const requestId = requestIdFrom(request.headers['x-request-id']);
    const mediaType = preferredMediaType(request.headers.accept);
    if (mediaType === 'text/html' && request.method === 'GET') return page(request, response);
    response.setHeader('x-request-id', requestId);
    await spanOf(request, response, async () => {
      try {
        await answer(request, response, { requestId, mediaType });
      } catch (error) {
        if (response.destroyed) return;
        const refusal = toPublicError(error, requestId, log);
        refusals.inc({ code: refusal.extensions.code });
        writeError(response, refusal, mediaType);
      }
    });
  };
}

/** What is done for a request is a part of the caller's trace, or of a new one. */
function spanOf(
  { method = '', headers }: IncomingMessage,
  response: ServerResponse,
  answer: () => Promise<void>,
) {
  const attributes = { 'http.request.method': method, 'url.path': '/graphql' };
  const options = { kind: SpanKind.SERVER, parent: parentIn(headers), attributes };
  return traced(`${method} /graphql`, options, async (span) => {
    await answer();
    span?.setAttribute('http.response.status_code', response.statusCode);
  });
}

interface Reply {
  readonly requestId: string;
  readonly mediaType: MediaType | null;
}

/** What is not public must not be readable by other sites through somebody's browser, and mutations not even sendable. */
function refuseByMethod({ method, headers }: IncomingMessage, { kind, metaOnly }: Admission): void {
  if (method !== 'GET') return;
  if (kind === 'mutation') throw methodNotAllowed('POST');
  if (metaOnly || kind === 'invalid' || PREFLIGHT_HEADERS.some((name) => headers[name] !== undefined)) return;
  throw preflightRequired();
}

/** The one result of a query or mutation. A client that hangs up aborts it. */
async function runOnce(operations: Operations, operation: Operation, response: ServerResponse) {
  let result: TextResult | undefined;
  const { done, stop } = operations.start(operation, (only) => {
    result = only;
  });
  response.once('close', stop);
  await done;
  // Stopping what is over would only cost time.
  response.off('close', stop);
  return result;
}

function writeResult(
  response: ServerResponse,
  { text, ok, positions }: TextResult,
  mediaType: MediaType,
): void {
  for (const _ in positions) {
    response.setHeader(POSITIONS_HEADER, writePositions(positions));
    break;
  }
  write(response, statusOfDocument(ok, mediaType), mediaType, text);
}

function writeError(
  response: ServerResponse,
  error: ReturnType<typeof toPublicError>,
  mediaType: MediaType | null,
): void {
  const jsonType = mediaType === 'application/graphql-response+json' ? mediaType : 'application/json';
  const status = statusOf(error) ?? statusOfDocument(false, jsonType);
  if (status === 401) response.setHeader('www-authenticate', 'Bearer');
  if (status === 405) response.setHeader('allow', String(error.extensions.details['allow']));
  write(response, status, jsonType, errorText(error));
}

/** Clients of the older type take anything but 200 for a failure of the transport. */
const statusOfDocument = (ok: boolean, mediaType: MediaType) =>
  ok || mediaType === 'application/json' ? 200 : 400;

function write(response: ServerResponse, status: number, mediaType: MediaType, text: string): void {
  const headers = {
    'content-type': `${mediaType}; charset=utf-8`,
    'content-length': Buffer.byteLength(text),
  };
  response.writeHead(status, headers).end(text);
}

function headerOf({ headers }: IncomingMessage, name: string): string | undefined {
  const value = headers[name];
  return Array.isArray(value) ? value.join(',') : value;
}
