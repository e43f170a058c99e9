import type { Position, Positioned } from '../eventStore/event.js';
import type { History } from './history.js';
import type { EventLog } from './log.js';

const RING_MAX = 10_000;
const BATCH = 500;

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
  /** Somebody knows of this position: if it has not been seen, the history is asked now, not at the next poll. */
  expect(position: Position): void;
  /** Every event after a position, once each and in order, then waits for more. Ends when the signal aborts or the tail is closed. */
  from(after: Position, signal: AbortSignal): AsyncIterable<readonly Positioned[]>;
}

export async function createTail(options: {
  history: History;
  log: EventLog;
  onError: (error: unknown) => void;
  ringMax?: number;
}): Promise<Tail> {
  const { history, log, onError, ringMax = RING_MAX } = options;
  let ring: Positioned[] = [];
  let head: Position = 0n;
  let behind = false;
  let closed = false;
  const waiting = new Set<() => void>();
  let filling: Promise<void> | null = null;

  /** Takes what follows the head directly; the rest is a duplicate or, behind a gap, is read from the history. */
  function take(events: readonly Positioned[]): void {
    const before = head;
    for (const event of events) {
      if (event.position <= head) continue;
      if (event.position !== head + 1n) {
        fill();
        break;
      }
      ring.push(event);
      head = event.position;
    }
    if (head === before) return;
    if (ring.length > 2 * ringMax) ring = ring.slice(-ringMax);
    wakeAll();
  }

  function wakeAll(): void {
    for (const wake of waiting) wake();
  }

  function fill(): void {
    behind = true;
    filling ??= readOn()
      .catch(onError)
      .finally(() => (filling = null));
  }

  async function readOn(): Promise<void> {
    while (behind && !closed) {
      behind = false;
      const events = await history.readContext(head, BATCH);
      const [first] = events;
      if (!first) continue;
      if (first.position > head + 1n)
        throw new Error(`${history.context} has no event between ${head} and ${first.position}`);
      take(events);
      behind = true;
    }
  }

  async function next(after: Position): Promise<readonly Positioned[]> {
    const first = ring[0]?.position;
    if (after >= head) return [];
    if (first === undefined || after < first - 1n) return history.readContext(after, BATCH);
    const start = Number(after - first) + 1;
    return ring.slice(start, start + BATCH);
  }

  /** Resolves when there may be more, or nothing more will come. */
  const wakeOrAbort = (signal: AbortSignal) =>
    new Promise<void>((resolve) => {
      const done = () => {
        waiting.delete(done);
        signal.removeEventListener('abort', done);
        resolve();
      };
      if (signal.aborted || closed) return resolve();
      waiting.add(done);
      signal.addEventListener('abort', done);
    });

  async function* from(after: Position, signal: AbortSignal): AsyncGenerator<readonly Positioned[]> {
    let position = after;
    while (!signal.aborted && !closed) {
      const batch = await next(position);
      if (signal.aborted) return;
      const last = batch.at(-1);
      if (last) {
        yield batch;
        position = last.position;
      } else if (position >= head) {
        await wakeOrAbort(signal);
      }
    }
  }

  /** The truth is the history: a lost announcement costs one poll, never an event. */
  function poll(): void {
    fill();
    polling = setTimeout(poll, log.pollMs()).unref();
  }

  head = await history.head();
  const unsubscribe = await log.subscribe(history.context, take);
  let polling: NodeJS.Timeout;
  poll();
  return {
    context: history.context,
    head: () => head,
    fetchHead: () => history.head(),
    expect(position) {
      if (position > head) fill();
    },
    from,
    async [Symbol.asyncDispose]() {
      closed = true;
      clearTimeout(polling);
      wakeAll();
      await unsubscribe();
      await filling;
    },
  };
}
