import { Pool, type Dispatcher } from 'undici';
import { isTracing, traceHeaders } from '../../platform/telemetry/tracing.js';
import { onAbort } from './onAbort.js';
import type { CallContext, SubgraphResponse, Transport } from './transport.js';

export interface HttpTransportOptions {
  readonly url: string;
  /** Headers that say for which request and prove on whose behalf a call is made; it sees the exact body. */
  readonly sign?: (body: string, call: CallContext) => Readonly<Record<string, string>>;
  /** Connections to the subgraph's origin; further calls wait for one. */
  readonly connectionsMax?: number;
  readonly responseBytesMax?: number;
  /** The way for subscriptions, which HTTP has not. */
  readonly subscriptions?: Transport;
}

const CONNECTIONS_MAX = 64;
const RESPONSE_BYTES_MAX = 32 * 1024 * 1024;

/** GraphQL over HTTP on kept connections. Nothing is sent twice: a call whose connection breaks has failed. */
export function createHttpTransport(options: HttpTransportOptions): Transport {
  const { sign, subscriptions } = options;
  const { origin, pathname, search } = new URL(options.url);
  const pool = new Pool(origin, {
    connections: options.connectionsMax ?? CONNECTIONS_MAX,
    maxResponseSize: options.responseBytesMax ?? RESPONSE_BYTES_MAX,
  });
  const path = pathname + search;

  return {
    execute({ document, variables }, call) {
      const query = JSON.stringify(document);
      const body = variables === null ? `{"query":${query}}` : `{"query":${query},"variables":${variables}}`;
      const headers: Record<string, string> = {
        'content-type': 'application/json',
        accept: 'application/json',
        ...(sign ? sign(body, call) : { 'x-request-id': call.requestId }),
      };
      if (isTracing()) Object.assign(headers, traceHeaders());
      return new Promise((resolve, reject) => {
        const { signal } = call;
        if (signal.aborted) reject(signal.reason as Error);
        else pool.dispatch({ path, method: 'POST', headers, body }, receive(signal, resolve, reject));
      });
    },
    subscribe(operation, call) {
      if (!subscriptions) throw new Error('no way for subscriptions is configured');
      return subscriptions.subscribe(operation, call);
    },
    async [Symbol.asyncDispose]() {
      await Promise.all([pool.destroy(), subscriptions?.[Symbol.asyncDispose]()]);
    },
  };
}

/** The bare handler: promises and streams for each answer would cost more than all else that a call does. */
function receive(
  signal: AbortSignal,
  resolve: (response: SubgraphResponse) => void,
  reject: (error: Error) => void,
): Dispatcher.DispatchHandler {
  const chunks: Buffer[] = [];
  let status = 0;
  let controller: Dispatcher.DispatchController | undefined;
  const settle = onAbort(signal, () => {
    controller?.abort(signal.reason as Error);
    // A call that still waits for a connection has no controller yet.
    reject(signal.reason as Error);
  });
  return {
    onRequestStart(started) {
      controller = started;
      if (signal.aborted) started.abort(signal.reason as Error);
    },
    onResponseStart(_, statusCode) {
      status = statusCode;
    },
    onResponseData(_, chunk) {
      chunks.push(chunk);
    },
    onResponseEnd() {
      settle();
      const response = readResponse(Buffer.concat(chunks).toString());
      if (response) resolve(response);
      else reject(new Error(`status ${status} without a GraphQL answer`));
    },
    onResponseError(_, error) {
      settle();
      reject(error);
    },
  };
}

/** A GraphQL answer may come under any status; anything else is no answer. */
function readResponse(text: string): SubgraphResponse | null {
  try {
    const response: unknown = JSON.parse(text);
    const isAnswer =
      response !== null && typeof response === 'object' && ('data' in response || 'errors' in response);
    return isAnswer ? (response as SubgraphResponse) : null;
  } catch {
    return null;
  }
}
