import http, { type IncomingMessage } from 'node:http';
import https from 'node:https';
import { onAbort } from './onAbort.js';
import type { CallContext, SubgraphResponse, Transport } from './transport.js';

export interface HttpTransportOptions {
  readonly url: string;
  /** Headers that say for which request and prove on whose behalf a call is made; it sees the exact body. */
  readonly sign?: (body: string, call: CallContext) => Readonly<Record<string, string>>;
  /** Connections to the subgraph's origin; further calls wait for one. */
  readonly socketsMax?: number;
  readonly responseBytesMax?: number;
  /** The way for subscriptions, which HTTP has not. */
  readonly subscriptions?: Transport;
}

const SOCKETS_MAX = 64;
const RESPONSE_BYTES_MAX = 32 * 1024 * 1024;

/** GraphQL over HTTP on kept connections. */
export function createHttpTransport(options: HttpTransportOptions): Transport {
  const { sign, subscriptions, responseBytesMax = RESPONSE_BYTES_MAX } = options;
  const url = new URL(options.url);
  const { Agent, request } = url.protocol === 'https:' ? https : http;
  const agent = new Agent({ keepAlive: true, maxSockets: options.socketsMax ?? SOCKETS_MAX });
  const target = {
    agent,
    protocol: url.protocol,
    hostname: url.hostname,
    port: url.port,
    path: url.pathname + url.search,
    method: 'POST',
  };

  return {
    execute({ document, variables }, call) {
      const query = JSON.stringify(document);
      const body = variables === null ? `{"query":${query}}` : `{"query":${query},"variables":${variables}}`;
      return new Promise((resolve, reject) => {
        const { signal } = call;
        if (signal.aborted) return reject(signal.reason as Error);
        const sent = request({
          ...target,
          headers: {
            'content-type': 'application/json',
            accept: 'application/json',
            'content-length': Buffer.byteLength(body),
            ...(sign ? sign(body, call) : { 'x-request-id': call.requestId }),
          },
        });
        const settle = onAbort(signal, () => sent.destroy(signal.reason as Error));
        const fail = (error: unknown) => {
          settle();
          reject(error as Error);
        };
        sent.on('error', fail);
        sent.on('response', (answer) =>
          readText(answer, responseBytesMax, fail, (text) => {
            settle();
            const response = readResponse(text);
            if (response) resolve(response);
            else reject(new Error(`status ${answer.statusCode} without a GraphQL answer`));
          }),
        );
        sent.end(body);
      });
    },
    subscribe(operation, call) {
      if (!subscriptions) throw new Error('no way for subscriptions is configured');
      return subscriptions.subscribe(operation, call);
    },
    async [Symbol.asyncDispose]() {
      agent.destroy();
      await subscriptions?.[Symbol.asyncDispose]();
    },
  };
}

function readText(
  answer: IncomingMessage,
  bytesMax: number,
  fail: (error: Error) => void,
  done: (text: string) => void,
): void {
  const chunks: Buffer[] = [];
  let bytes = 0;
  answer.on('data', (chunk: Buffer) => {
    bytes += chunk.length;
    if (bytes > bytesMax) answer.destroy(new Error(`the answer is longer than ${bytesMax} bytes`));
    else chunks.push(chunk);
  });
  answer.on('error', fail);
  answer.on('end', () => {
    const [only] = chunks;
    done((only && chunks.length === 1 ? only : Buffer.concat(chunks, bytes)).toString());
  });
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
