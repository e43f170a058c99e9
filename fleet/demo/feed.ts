import { eventually } from './eventually.js';
import { Surprise } from './surprise.js';

/** What a subscription delivers. Closing it ends the subscription. */
export interface Feed<Item> extends AsyncDisposable {
  /** All that came so far, in its order. */
  readonly items: readonly Item[];
  /** Fails if it broke: then it is not for lack of items that none come. */
  check(): void;
  /** The first item that is as wanted: one that came already, or one that will. `expected` ends "I expected that …". */
  until(expected: string, isWanted: (item: Item) => boolean): Promise<Item>;
}

type Delivery = {
  data?: Record<string, unknown> | null | undefined;
  errors?: readonly { message: string }[] | undefined;
};

/** Reads the source from now on; its items are the values of each delivery's one field. */
export function follow<Item>(
  name: string,
  source: AsyncIterableIterator<Delivery>,
  options: { signal: AbortSignal; onItem?: ((item: Item) => void) | undefined },
): Feed<Item> {
  const { signal, onItem } = options;
  const items: Item[] = [];
  let ended = false;
  let closed = false;
  let failure: Surprise | null = null;

  async function read(): Promise<void> {
    try {
      for await (const { data, errors } of source) {
        if (!data || errors) throw new Surprise(`${name} delivers`, errors ?? 'no data');
        const item = Object.values(data)[0] as Item;
        items.push(item);
        onItem?.(item);
      }
    } catch (error) {
      if (!closed)
        failure = error instanceof Surprise ? error : new Surprise(`${name} goes on`, reasonOf(error));
    }
    ended = true;
  }
  const reading = read();

  return {
    items,
    check() {
      if (failure) throw failure;
    },
    async until(expected, isWanted) {
      const look = () => {
        const found = items.find(isWanted);
        if (found === undefined && failure) throw failure;
        if (found === undefined && ended) throw new Surprise(expected, `the end of ${name}`);
        return { found, last: items.at(-1) };
      };
      const { found } = await eventually({
        expected,
        ask: look,
        isWanted: (seen) => seen.found !== undefined,
        signal,
      });
      return found as Item;
    },
    async [Symbol.asyncDispose]() {
      closed = true;
      await source.return?.();
      await reading;
    },
  };
}

/** A refused operation fails with its errors, a socket with how it closed. */
function reasonOf(error: unknown): unknown {
  if (error instanceof Error) return error.message;
  const { code, reason } = error as { code?: number; reason?: string };
  return code === undefined ? error : `a socket closed with ${code} ${reason}`;
}
