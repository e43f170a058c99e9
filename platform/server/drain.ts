import { Server as NetServer } from 'node:net';
import type { Server, ServerResponse } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';

export interface DrainTimes {
  /** Sockets and event streams are closed one by one over this time, so that their clients do not return all at once. */
  readonly spreadMs: number;
  /** How long an idle connection may still bring a request, which is answered with `connection: close`. */
  readonly idleMs: number;
  /** When whatever is left is cut off. */
  readonly limitMs: number;
}

/** Counts what is under way, so that a server can be stopped without failing a request it has taken. */
export function createDrain(server: Server) {
  const underWay = new Set<ServerResponse>();
  let draining = false;
  let finished: () => void = () => undefined;

  return {
    isDraining: () => draining,

    track(response: ServerResponse): void {
      if (draining) response.setHeader('connection', 'close');
      underWay.add(response);
      response.once('close', () => {
        underWay.delete(response);
        if (underWay.size === 0) finished();
      });
    },

    /** Ends every stream of `streams`, lets requests finish, and settles when the server holds nothing any more. */
    async drain(streams: readonly (() => void)[], { spreadMs, idleMs, limitMs }: DrainTimes): Promise<void> {
      draining = true;
      // Node's own `close` also cuts idle connections, on which a request may be just on its way.
      const closed = new Promise<void>((resolve) => NetServer.prototype.close.call(server, () => resolve()));
      const limit = setTimeout(() => server.closeAllConnections(), limitMs);
      await endOneByOne(streams, spreadMs);
      await sleep(idleMs);
      server.closeIdleConnections();
      if (underWay.size > 0) await new Promise<void>((resolve) => (finished = resolve));
      server.closeIdleConnections();
      await closed;
      clearTimeout(limit);
      // Stops what Node keeps running for a server that listens.
      server.close();
    },
  };
}

async function endOneByOne(streams: readonly (() => void)[], spreadMs: number): Promise<void> {
  const started = performance.now();
  for (const [index, end] of streams.entries()) {
    const due = (index * spreadMs) / streams.length - (performance.now() - started);
    if (due > 1) await sleep(due);
    end();
  }
}
