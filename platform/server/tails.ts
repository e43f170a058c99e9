import type { History } from '../log/history.js';
import type { EventLog } from '../log/log.js';
import { createTail, type Tail } from '../log/tail.js';
import type { Log } from '../telemetry/log.js';
import { outside } from '../telemetry/tracing.js';

/** The tails of a process, one per context, made when first asked for. */
export interface Tails extends AsyncDisposable {
  (context: string): Promise<Tail>;
  history(context: string): History;
}

/** `history` says where each context's events are read: its own store, or its internal endpoint. */
export function createTails(options: {
  eventLog: EventLog;
  history: (context: string) => History;
  log: Log;
}): Tails {
  const { eventLog, history, log } = options;
  const tails = new Map<string, Promise<Tail>>();
  const tailOf = (context: string) => {
    const known = tails.get(context);
    if (known) return known;
    const onError = (error: unknown) => log.error({ error, source: context }, 'tail failed, will try again');
    // Whoever asks first is not whom it serves from then on.
    const tail = outside(() => createTail({ history: history(context), log: eventLog, onError }));
    tails.set(context, tail);
    // One that could not be made is made anew when it is asked for again.
    tail.catch(() => tails.delete(context));
    return tail;
  };
  return Object.assign(tailOf, {
    history,
    async [Symbol.asyncDispose]() {
      for (const tail of tails.values()) await (await tail)[Symbol.asyncDispose]();
    },
  });
}
