import { createClient } from 'graphql-ws';
import { WebSocket } from 'ws';
import { createEventQueue } from './eventQueue.js';
import { onAbort } from './onAbort.js';
import type {
  CallContext,
  SubgraphError,
  SubgraphOperation,
  SubgraphResponse,
  Transport,
} from './transport.js';

export interface WebSocketTransportOptions {
  /** `ws:` or `wss:`. */
  readonly url: string;
  /** Proves that the socket is the gateway's. Asked for each new socket. */
  readonly connectionParams?: () => Record<string, unknown>;
  /** Extensions of the subscribe message: they prove on whose behalf the operation runs. */
  readonly sign?: (operation: SubgraphOperation, call: CallContext) => Record<string, unknown>;
  /** A socket that answers no ping within this time is closed. */
  readonly pingMs?: number;
  readonly messageBytesMax?: number;
}

const PING_MS = 10_000;
const MESSAGE_BYTES_MAX = 32 * 1024 * 1024;

/**
 * GraphQL over one WebSocket, opened by the first operation and closed after the last. It is never reopened for an
 * operation under way: its loss fails every one of them, so that whoever knows a cursor can resume from it.
 */
export function createWebSocketTransport(options: WebSocketTransportOptions): Transport {
  const { url, connectionParams, sign, pingMs = PING_MS, messageBytesMax = MESSAGE_BYTES_MAX } = options;
  /** What is under way, each with the number of the socket that it needs. */
  const open = new Map<(error: unknown) => void, number>();
  /** After the last operation of a socket it is being closed: what begins then waits for the next one. */
  let wanted = 0;
  let opened = 0;
  let unanswered: NodeJS.Timeout | undefined;
  let socket: WebSocket | undefined;

  const client = createClient({
    url,
    ...(connectionParams && { connectionParams }),
    retryAttempts: 0,
    keepAlive: pingMs,
    webSocketImpl: class extends WebSocket {
      constructor(address: string, protocols: string) {
        super(address, protocols, { maxPayload: messageBytesMax });
      }
    },
    on: {
      opened: (newest) => {
        socket = newest as WebSocket;
        opened = wanted;
      },
      ping: (received) => {
        if (!received) unanswered = setTimeout(() => socket?.terminate(), pingMs);
      },
      pong: () => clearTimeout(unanswered),
      closed: () => {
        clearTimeout(unanswered);
        for (const [lose, needed] of [...open])
          if (needed <= opened) lose(new Error('the socket was closed'));
      },
    },
  });

  function start({ document, variables }: SubgraphOperation, call: CallContext) {
    const extensions = sign?.({ document, variables }, call);
    let dispose = () => {};
    let offAbort = () => {};
    const queue = createEventQueue<SubgraphResponse>(() => settle());
    const fail = (error: unknown) => {
      queue.fail(error);
      settle();
    };
    const abort = () => fail(call.signal.reason);
    function settle() {
      if (open.delete(fail) && open.size === 0) wanted += 1;
      offAbort();
      dispose();
    }
    if (call.signal.aborted) {
      abort();
      return queue.iterator;
    }
    open.set(fail, wanted);
    offAbort = onAbort(call.signal, abort);
    dispose = client.subscribe(
      {
        query: document,
        ...(variables !== null && { variables: JSON.parse(variables) as Record<string, unknown> }),
        ...(extensions && { extensions }),
      },
      {
        next: (response) => queue.push(response as SubgraphResponse),
        error: (error) => {
          // The subgraph's own refusal is an answer; everything else means that the socket is lost.
          if (!Array.isArray(error)) return fail(error);
          queue.push({ errors: error as SubgraphError[] });
          queue.end();
          settle();
        },
        complete: () => {
          queue.end();
          settle();
        },
      },
    );
    return queue.iterator;
  }

  return {
    async execute(operation, call) {
      const answers = start(operation, call);
      const answer = await answers.next();
      await answers.return?.();
      if (answer.done) throw new Error('the operation ended without an answer');
      return answer.value;
    },
    subscribe: start,
    async [Symbol.asyncDispose]() {
      clearTimeout(unanswered);
      await client.dispose();
    },
  };
}
