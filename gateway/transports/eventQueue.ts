/**
 * An iterator that is fed from outside. Events that came before it ended or failed are still handed out; `return()`
 * drops them, calls `onReturn` and settles a pending `next()` at once.
 */
export function createEventQueue<Event>(onReturn: () => void) {
  const events: Event[] = [];
  const waiting: { resolve: (result: IteratorResult<Event>) => void; reject: (error: unknown) => void }[] =
    [];
  let outcome: { error: unknown } | 'ended' | undefined;

  function settle(): void {
    while (waiting.length > 0 && (events.length > 0 || outcome)) {
      const next = waiting.shift();
      if (events.length > 0) next?.resolve({ done: false, value: events.shift() as Event });
      else if (outcome === 'ended' || outcome === undefined) next?.resolve({ done: true, value: undefined });
      else {
        next?.reject(outcome.error);
        outcome = 'ended';
      }
    }
  }

  function finish(as: NonNullable<typeof outcome>): void {
    outcome ??= as;
    settle();
  }

  const iterator: AsyncIterableIterator<Event> = {
    next() {
      return new Promise((resolve, reject) => {
        waiting.push({ resolve, reject });
        settle();
      });
    },
    return() {
      const wasOpen = outcome === undefined;
      events.length = 0;
      finish('ended');
      if (wasOpen) onReturn();
      return Promise.resolve({ done: true, value: undefined });
    },
    [Symbol.asyncIterator]() {
      return this;
    },
  };
  return {
    iterator,
    push(event: Event): void {
      if (outcome) return;
      events.push(event);
      settle();
    },
    end: () => finish('ended'),
    fail: (error: unknown) => finish({ error }),
  };
}
