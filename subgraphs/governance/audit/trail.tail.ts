import { setMaxListeners } from 'node:events';
import type { Position } from '../../../platform/eventStore/event.js';
import type { Tail } from '../../../platform/log/tail.js';
import type { Spine } from '../../../platform/server/spine.js';
import { pause } from '../../../platform/pause.js';
import { CONTEXTS } from './audit.projection.js';

/** Says when the trail may have grown. One per process, however many read along. */
export interface TrailTail extends AsyncDisposable {
  /** Grows with the trail. Take it before reading, so that nothing is missed. */
  readonly seen: number;
  /** Resolves once it has grown beyond what was seen, or when the signal aborts. */
  grows(seen: number, signal: AbortSignal): Promise<void>;
  start(): Promise<void>;
}

const RETRY_MS = 500;

export function createTrailTail(spine: Pick<Spine, 'tails' | 'catchUp' | 'log'>): TrailTail {
  const stop = new AbortController();
  setMaxListeners(0, stop.signal);
  const waiting = new Set<() => void>();
  const running: Promise<void>[] = [];
  let seen = 0;

  function grew(): void {
    seen++;
    for (const wake of waiting) wake();
  }

  /**
   * An event is in the trail once the projection of its context has read that far. An error ends nothing, not even one
   * at the start: the other contexts may not be there yet.
   */
  async function follow(context: string, tail: Tail): Promise<void> {
    for (let position: Position | null = null; !stop.signal.aborted;) {
      try {
        position ??= await tail.fetchHead();
        for await (const events of tail.from(position, stop.signal)) {
          position = events.at(-1)?.position ?? position;
          await spine.catchUp({ [context]: String(position) });
          grew();
        }
      } catch (error) {
        spine.log.error({ error, source: context }, 'the trail cannot be followed, will try again');
      }
      await pause(RETRY_MS, stop.signal);
    }
  }

  return {
    get seen() {
      return seen;
    },
    grows: (before, signal) =>
      new Promise<void>((resolve) => {
        const end = () => {
          waiting.delete(end);
          signal.removeEventListener('abort', end);
          resolve();
        };
        if (seen > before || signal.aborted || stop.signal.aborted) return resolve();
        waiting.add(end);
        signal.addEventListener('abort', end);
      }),
    async start() {
      for (const context of CONTEXTS) running.push(follow(context, await spine.tails(context)));
    },
    async [Symbol.asyncDispose]() {
      stop.abort();
      grew();
      await Promise.all(running);
    },
  };
}
