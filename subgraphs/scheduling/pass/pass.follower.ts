import type { Position, Positioned } from '../../../platform/eventStore/event.js';
import { pause } from '../../../platform/pause.js';
import type { Tails } from '../../../platform/server/tails.js';
import { HEARD_CONTEXTS, type HeardContext } from './heard.js';

export interface Follower extends AsyncDisposable {
  /** Looks at all conditions that are waited for: one may hold without an event. */
  look(): void;
  /** Resolves true once an event has been told up to which the condition holds, or false after the time. */
  until(condition: () => boolean, timeoutMs: number): Promise<boolean>;
  /** Resolves true once all events of a context up to the position have been told, or false after the time. */
  reaches(context: HeardContext, position: Position, timeoutMs: number): Promise<boolean>;
}

const AGAIN_MS = 500;

/**
 * Tells every event of the contexts after the given positions, each once and those of a context in their order. A context
 * that cannot be read is tried again; the others go on meanwhile.
 */
export function followEvents(options: {
  tails: Tails;
  from: Readonly<Record<HeardContext, Position>>;
  tell: (event: Positioned) => void;
  /** After each batch. */
  onBatch: () => void;
  onError: (error: unknown, context: string) => void;
}): Follower {
  const { tails, tell, onBatch, onError } = options;
  const reached = new Map<HeardContext, Position>(Object.entries(options.from) as [HeardContext, Position][]);
  const waiting = new Set<() => void>();
  const stop = new AbortController();

  async function follow(context: HeardContext): Promise<void> {
    while (!stop.signal.aborted) {
      try {
        const tail = await tails(context);
        for await (const events of tail.from(reached.get(context) ?? 0n, stop.signal)) {
          for (const event of events) {
            // Told or not, it is not told again: what cannot be understood must not stop the others.
            reached.set(context, event.position);
            tell(event);
          }
          lookAll();
          onBatch();
        }
      } catch (error) {
        onError(error, context);
      }
      await pause(AGAIN_MS, stop.signal);
    }
  }

  function lookAll(): void {
    for (const look of waiting) look();
  }

  const until = (condition: () => boolean, timeoutMs: number) =>
    new Promise<boolean>((resolve) => {
      if (condition()) return resolve(true);
      const end = (isSo: boolean) => {
        clearTimeout(timer);
        waiting.delete(look);
        resolve(isSo);
      };
      const look = () => void (condition() && end(true));
      const timer = setTimeout(() => end(false), timeoutMs).unref();
      waiting.add(look);
    });

  const running = HEARD_CONTEXTS.map(follow);
  return {
    look: lookAll,
    until,
    reaches: (context, position, timeoutMs) =>
      until(() => (reached.get(context) ?? 0n) >= position, timeoutMs),
    async [Symbol.asyncDispose]() {
      stop.abort();
      await Promise.all(running);
    },
  };
}
