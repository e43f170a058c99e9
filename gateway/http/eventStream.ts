import type { ServerResponse } from 'node:http';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { unauthenticated } from '../../platform/identity/errors.js';
import type { Log } from '../../platform/telemetry/log.js';
import type { Credentials } from '../auth/identity.js';
import type { Sessions } from '../auth/sessions.js';
import { openEventStreams } from '../metrics.js';
import { errorText, overloaded, toPublicError } from './errors.js';
import type { Operation, Operations } from './operations.js';

export interface EventStreamOptions {
  readonly operations: Operations;
  readonly sessions: Sessions;
  readonly streamsMax: number;
  readonly log: Log;
}

/** Proxies and browsers drop streams that are silent for longer. */
const KEEP_ALIVE_MS = 12_000;

/**
 * Server-sent events in the "distinct connections" mode of graphql-sse: each operation has a response of its own, with
 * an event `next` for each result and `complete` at its end. A stream that just ends was cut off; clients resume it.
 */
export function createEventStreams({ operations, sessions, streamsMax, log }: EventStreamOptions) {
  const open = new Set<ServerResponse>();

  return {
    async open(operation: Operation, credentials: Credentials, response: ServerResponse): Promise<void> {
      if (open.size >= streamsMax) throw overloaded('event streams', streamsMax);
      open.add(response);
      openEventStreams.inc();
      const { done, stop } = operations.start(operation, ({ text }) => send(response, next(text)));
      const unwatch =
        operation.identity &&
        sessions.watch({
          credentials,
          identity: operation.identity,
          end: () => response.end(next(errorText(unauthenticated('expired'))) + COMPLETE),
        });
      response.once('close', () => {
        open.delete(response);
        openEventStreams.dec();
        clearInterval(keepAlive);
        unwatch?.();
        stop();
      });
      response.writeHead(200, {
        'content-type': 'text/event-stream; charset=utf-8',
        'cache-control': 'no-cache',
      });
      response.write(COMMENT);
      const keepAlive = setInterval(() => response.write(COMMENT), KEEP_ALIVE_MS);
      await done.catch((error: unknown) =>
        send(response, next(errorText(toPublicError(error, operation.requestId, log)))),
      );
      if (!response.writableEnded) response.end(COMPLETE);
    },

    /** The open streams, to be ended at shutdown. */
    all: (): readonly ServerResponse[] => [...open],
  };
}

export type EventStreams = ReturnType<typeof createEventStreams>;

const COMMENT = ':\n\n';
const COMPLETE = 'event: complete\ndata:\n\n';
const next = (text: string) => `event: next\ndata: ${text}\n\n`;

/** A reader that is behind holds up its own operation, and nothing else. */
function send(response: ServerResponse, frame: string): void | Promise<void> {
  // Its end is about to be heard; until then whoever sends must not take all the time there is.
  if (response.writableEnded || response.destroyed) return nextTurn();
  if (response.write(frame)) return;
  return new Promise((resolve) => {
    const settle = () => {
      response.off('drain', settle).off('close', settle);
      resolve();
    };
    response.on('drain', settle).on('close', settle);
  });
}
