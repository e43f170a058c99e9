import type { Position, Positioned } from '../eventStore/event.js';
import type { History } from './history.js';
import type { EventLog } from './log.js';

const RING_MAX = 10_000;
const BATCH = 500;
const POLL_MS = 1_000;

/**
 * One context's events as this process sees them: the newest in memory, older ones from the history. One tail serves
 * every projection, process manager and feed of the process, so readers cost no connection.
 */
export interface Tail extends AsyncDisposable {
  readonly context: string;
  /** The newest position seen. */
  head(): Position;
  /** The newest position there is: asks the history. */
  fetchHead(): Promise<Position>;
  /** Every event after a position, once each and in order, then waits for more. Ends when the signal aborts. */
  from(after: Position, signal: AbortSignal): AsyncIterable<readonly Positioned[]>;
}

export async function createTail(options: {
  history: History;
  log: EventLog;
  onError: (error: unknown) => void;
  ringMax?: number;
  pollMs?: number;
}): Promise<Tail> {
  const { history, log, onError, ringMax = RING_MAX, pollMs = POLL_MS } = options;
  let ring: Positioned[] = [];
  let head: Position = 0n;
  let waiting: (() => void)[] = [];
  let filling: Promise<void> | null = null;

  /** Takes what follows the head directly; the rest is a duplicate or, behind a gap, is read from the history. */
  function take(events: readonly Positioned[]): void {
    const fresh = events.filter((event) => event.position > head);
    if (fresh.length === 0) return;
    if (fresh[0]?.position !== head + 1n) return fill();
    ring.push(...fresh);
    head = fresh.at(-1)?.position ?? head;
    if (ring.length > 2 * ringMax) ring = ring.slice(-ringMax);
    const wake = waiting;
    waiting = [];
    for (const resume of wake) resume();
  }

  function fill(): void {
    filling ??= (async () => {
      for (;;) {
        const events = await history.readContext(head, BATCH);
        if (events.length === 0) return;
        take(events);
      }
    })()
      .catch(onError)
      .finally(() => (filling = null));
  }

  async function next(after: Position): Promise<readonly Positioned[]> {
    const first = ring[0]?.position;
    if (after >= head) return [];
    if (first === undefined || after < first - 1n) return history.readContext(after, BATCH);
    const start = Number(after - first) + 1;
    return ring.slice(start, start + BATCH);
  }

  const wakeOrAbort = (signal: AbortSignal) =>
    new Promise<void>((resolve) => {
      const done = () => {
        signal.removeEventListener('abort', done);
        resolve();
      };
      waiting.push(done);
      signal.addEventListener('abort', done);
    });

  async function* from(after: Position, signal: AbortSignal): AsyncGenerator<readonly Positioned[]> {
    let position = after;
    while (!signal.aborted) {
      const batch = await next(position);
      const last = batch.at(-1);
      if (last) {
        yield batch;
        position = last.position;
      } else if (position >= head) {
        await wakeOrAbort(signal);
      }
    }
  }

  const unsubscribe = await log.subscribe(history.context, take);
  head = await history.head();
  // The truth is the history: a lost announcement costs one poll, never an event.
  const poll = setInterval(fill, pollMs).unref();
  return {
    context: history.context,
    head: () => head,
    fetchHead: () => history.head(),
    from,
    async [Symbol.asyncDispose]() {
      clearInterval(poll);
      await unsubscribe();
      await filling;
      for (const resume of waiting) resume();
    },
  };
}
