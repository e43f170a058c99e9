import type { Position } from '../eventStore/event.js';
import type { History } from './history.js';
import type { EventLog } from './log.js';

const BATCH = 500;
const POLL_MS = 1_000;

export interface Relay extends AsyncDisposable {
  /** Something may have been committed: look at once instead of at the next poll. */
  hint(): void;
}

/**
 * Publishes a context's events in position order as they are committed. Hints only hasten it: what another process
 * committed is found by polling. A failed publish is tried again from the same place, so duplicates happen, loss does not.
 */
export function createRelay(options: {
  history: History;
  log: EventLog;
  after: Position;
  onError: (error: unknown) => void;
  pollMs?: number;
}): Relay {
  const { history, log, onError, pollMs = POLL_MS } = options;
  let published = options.after;
  let running: Promise<void> | null = null;
  let hinted = false;
  let closed = false;

  async function drain(): Promise<void> {
    do {
      hinted = false;
      for (;;) {
        const events = await history.readContext(published, BATCH);
        const last = events.at(-1);
        if (!last || closed) break;
        await log.publish(history.context, events);
        published = last.position;
      }
    } while (hinted && !closed);
  }

  function hint(): void {
    hinted = true;
    if (closed || running) return;
    running = drain()
      .catch(onError)
      .finally(() => (running = null));
  }

  const poll = setInterval(hint, pollMs).unref();
  return {
    hint,
    async [Symbol.asyncDispose]() {
      closed = true;
      clearInterval(poll);
      await running;
    },
  };
}
