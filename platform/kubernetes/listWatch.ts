import { setTimeout as delay } from 'node:timers/promises';
import { isGone } from './clusterError.js';
import type { Cluster, ObjectList, Selection, WatchEvent } from './cluster.port.js';
import type { KubeObject, Kind } from './kinds.js';
import { relists } from './observed.js';

const PAUSE_MIN_MS = 100;
const PAUSE_MAX_MS = 2_000;

export type ListWatchOptions<T> = {
  silenceMs: number;
  /** A complete list, which replaces all that was told before. Returns whether it told anything new. */
  onList: (list: ObjectList<T>) => boolean;
  onEvent: (event: WatchEvent<T>) => void;
  onError: (error: unknown) => void;
  /** Ends the loop. */
  signal: AbortSignal;
};

/**
 * Lists, then watches from there, for ever: lists again when the history is gone (410), when the watch breaks, and
 * when it stays silent. Silence is normal while nothing happens, so a list that tells nothing new keeps the watch.
 */
export async function listAndWatch<T extends KubeObject>(
  cluster: Pick<Cluster, 'list' | 'watch'>,
  kind: Kind<T>,
  selection: Selection,
  { silenceMs, onList, onEvent, onError, signal }: ListWatchOptions<T>,
): Promise<void> {
  let pauseMs = PAUSE_MIN_MS;
  let reason = 'start';
  while (!signal.aborted) {
    relists.inc({ resource: kind.plural, reason });
    try {
      const list = await cluster.list(kind, selection);
      if (signal.aborted) return;
      onList(list);
      pauseMs = PAUSE_MIN_MS;
      await follow(list.resourceVersion);
      reason = 'silent';
    } catch (error) {
      if (signal.aborted) return;
      reason = isGone(error) ? 'gone' : 'failed';
      if (!isGone(error)) onError(error);
      await delay(pauseMs, undefined, { signal }).catch(() => undefined);
      pauseMs = Math.min(pauseMs * 2, PAUSE_MAX_MS);
    }
  }

  /** Watches, again and again, until something says that a new list is needed. */
  async function follow(from: string): Promise<void> {
    let version = from;
    while (!signal.aborted) {
      using watchdog = startWatchdog();
      const watch = cluster.watch(kind, selection, {
        version,
        signal: AbortSignal.any([signal, watchdog.signal]),
      });
      try {
        for await (const event of watch) {
          watchdog.heard();
          version = event.version;
          onEvent(event);
        }
      } catch (error) {
        if (watchdog.signal.aborted) return;
        throw error;
      }
    }
  }

  /** Aborts its signal when a list shows that the watch kept something back. */
  function startWatchdog() {
    const silent = new AbortController();
    let timer: NodeJS.Timeout;
    const heard = () => {
      clearTimeout(timer);
      timer = setTimeout(() => void probe(), silenceMs);
    };
    const probe = async () => {
      try {
        const list = await cluster.list(kind, selection);
        if (signal.aborted || silent.signal.aborted) return;
        if (onList(list)) silent.abort();
        else heard();
      } catch (error) {
        if (!signal.aborted) onError(error);
        silent.abort();
      }
    };
    heard();
    return {
      heard,
      signal: silent.signal,
      [Symbol.dispose]: () => {
        clearTimeout(timer);
        silent.abort();
      },
    };
  }
}
