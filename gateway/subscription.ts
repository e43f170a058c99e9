import type { TextResult } from './engine.js';
import type { RequestError } from './executor/requestErrors.js';
import { refusalText } from './executor/runOperation.js';
import type { SubscriptionAnswer } from './executor/subscribe.js';

/** What a subscription's request turned out to be, and what to call when it has ended. */
export interface OpenedSubscription {
  readonly answers: AsyncIterableIterator<SubscriptionAnswer> | { errors: readonly RequestError[] };
  readonly close: () => void;
}

/**
 * Opens a subscription when its first event is asked for. Written by hand, like the one below it: `return()` takes
 * effect at once, also while it is being opened or an event is awaited.
 */
export function openSubscription(open: () => Promise<OpenedSubscription>): AsyncIterableIterator<TextResult> {
  let opening: Promise<OpenedSubscription> | undefined;
  let ended = false;

  async function end(): Promise<IteratorResult<TextResult>> {
    const wasEnded = ended;
    ended = true;
    if (opening && !wasEnded) {
      const { answers, close } = await opening;
      close();
      if (!('errors' in answers)) await answers.return?.();
    }
    return { done: true, value: undefined };
  }

  return {
    async next() {
      if (ended) return { done: true, value: undefined };
      const { answers } = await (opening ??= open());
      if ('errors' in answers) {
        await end();
        return { done: false, value: { text: refusalText(answers.errors), ok: false, positions: {} } };
      }
      const answer = ended ? undefined : await answers.next();
      if (!answer || answer.done) return end();
      const { text, positions, lost } = answer.value;
      return { done: false, value: { text, ok: !lost, positions } };
    },
    return: end,
    [Symbol.asyncIterator]() {
      return this;
    },
  };
}
