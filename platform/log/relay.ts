import { SpanKind } from '@opentelemetry/api';
import type { Database } from '../database/database.js';
import type { Position } from '../eventStore/event.js';
import { openCheckpoint } from '../lease/fencedCheckpoint.js';
import { inEachTerm, type Lease } from '../lease/lease.js';
import { pause } from '../pause.js';
import { becauseOfAll } from '../telemetry/because.js';
import type { History } from './history.js';
import type { EventLog } from './log.js';

const BATCH = 500;
/** What another process commits, the leader hears of by looking. */
const LED_POLL_MS = 50;
const RETRY_MS = 500;
/** The name of its checkpoint. */
export const RELAY = 'relay';

/**
 * Publishes a context's events in position order as they are committed, by whomever. A batch that was published may be
 * published again, when the publishing or what follows it fails, or when another process takes over: duplicates happen,
 * loss does not, and the first occurrences are in order.
 */
export interface Relay extends AsyncDisposable {
  /** Something may have been committed: look at once instead of at the next poll. */
  hint(): void;
}

type RelayOptions = {
  history: History;
  log: EventLog;
  onError: (error: unknown) => void;
};

/** The relay of a log that is not shared: every process tells itself what happens after a position. */
export function createRelay(options: RelayOptions & { after: Position }): Relay {
  const { log, onError } = options;
  let published = options.after;
  const progress = {
    get position() {
      return published;
    },
    moveTo: async (position: Position) => void (published = position),
  };
  return runRelay(log.pollMs, async (look, signal) => {
    while (!signal.aborted) {
      await publishOn({ ...options, progress, isOver: () => signal.aborted, look, signal }).catch(onError);
      await pause(RETRY_MS, signal);
    }
  });
}

/**
 * The relay of a shared log: of all processes of the context the one that has the lease publishes. It goes on above the
 * checkpoint of the leader before it, and from the beginning where there was none.
 */
export function createLedRelay(
  options: RelayOptions & { database: Database; lease: Lease; pollMs?: number },
): Relay {
  const { database, lease, history, onError, pollMs = LED_POLL_MS } = options;
  return runRelay(
    () => pollMs,
    (look, stop) =>
      inEachTerm({
        lease,
        signal: stop,
        onError,
        async work(term, signal) {
          const progress = await openCheckpoint(database, { name: RELAY, context: history.context }, term);
          await publishOn({ ...options, progress, isOver: term.isOver, look, signal });
        },
      }),
  );
}

/** Publishes until the signal aborts. A batch is passed only when it was published. */
async function publishOn(options: {
  history: History;
  log: EventLog;
  progress: { readonly position: Position; moveTo(position: Position): Promise<void> };
  isOver: () => boolean;
  /** Resolves when it is time to look again. */
  look: (signal: AbortSignal) => Promise<void>;
  signal: AbortSignal;
}): Promise<void> {
  const { history, log, progress, isOver, look, signal } = options;
  while (!signal.aborted) {
    const events = await history.readContext(progress.position, BATCH);
    const last = events.at(-1);
    if (isOver()) return;
    if (last) {
      await becauseOfAll(events, `publish ${history.context}`, SpanKind.PRODUCER, () =>
        log.publish(history.context, events),
      );
      await progress.moveTo(last.position);
    } else {
      await look(signal);
    }
  }
}

/** Runs a relay, woken by hints and by the clock. */
function runRelay(
  pollMs: () => number,
  run: (look: (signal: AbortSignal) => Promise<void>, stop: AbortSignal) => Promise<void>,
): Relay {
  const stop = new AbortController();
  let isHinted = false;
  let wake = () => {};

  const look = (signal: AbortSignal) =>
    new Promise<void>((resolve) => {
      const done = () => {
        clearTimeout(timer);
        signal.removeEventListener('abort', done);
        isHinted = false;
        wake = () => {};
        resolve();
      };
      const timer = setTimeout(done, pollMs()).unref();
      wake = done;
      signal.addEventListener('abort', done);
      if (isHinted || signal.aborted) done();
    });

  const running = run(look, stop.signal);
  return {
    hint() {
      isHinted = true;
      wake();
    },
    async [Symbol.asyncDispose]() {
      stop.abort();
      await running;
    },
  };
}
