/** A value that changes, for readers each of whom wants the newest and may miss those between. */
export function createNewest<Value>() {
  const waiting = new Set<() => void>();
  let newest: Value | undefined;
  let sequence = 0;

  const changed = (signal: AbortSignal) =>
    new Promise<void>((resolve) => {
      const done = () => {
        waiting.delete(done);
        signal.removeEventListener('abort', done);
        resolve();
      };
      waiting.add(done);
      signal.addEventListener('abort', done);
      if (signal.aborted) done();
    });

  return {
    set(value: Value): void {
      newest = value;
      sequence += 1;
      for (const wake of [...waiting]) wake();
    },

    /** What is set from this call on. Ends when the signal aborts. */
    changes(signal: AbortSignal): AsyncGenerator<Value> {
      return follow(sequence, signal);
    },
  };

  async function* follow(after: number, signal: AbortSignal): AsyncGenerator<Value> {
    for (let seen = after; !signal.aborted;) {
      if (sequence === seen) await changed(signal);
      else {
        seen = sequence;
        yield newest as Value;
      }
    }
  }
}
