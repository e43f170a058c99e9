import type { ExecutionResult } from 'graphql';
import type { Running } from './operations.js';

/** The stream of an operation whose results go another way: it yields nothing, and ends when the operation does. */
export interface SilentStream extends AsyncGenerator<ExecutionResult, void> {
  /** Whether the client has left; nothing may be sent for this operation any more. */
  readonly ended: boolean;
}

/**
 * Written by hand, because the `return()` of an async generator waits for what it awaits, and a client that leaves must
 * be heard at once.
 */
export function silentStream(start: () => Running): SilentStream {
  const over = { done: true, value: undefined } as const;
  let running: Running | null = null;
  let ended = false;
  let leave: () => void = () => undefined;
  const left = new Promise<void>((resolve) => (leave = resolve));

  const end = () => {
    ended = true;
    running?.stop();
    leave();
    return Promise.resolve(over);
  };
  return {
    get ended() {
      return ended;
    },
    async next() {
      running ??= start();
      await Promise.race([running.done, left]);
      return over;
    },
    return: end,
    throw: end,
    [Symbol.asyncIterator]() {
      return this;
    },
  };
}
