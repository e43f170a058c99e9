import type { Registry } from '../api/registry.js';

/** A part of the control plane that makes the observed state follow the desired one. */
export type Controller = {
  name: string;
  /** Does all that is due now. Returns when, at the latest, it wants to look again (epoch ms), or `null`. */
  reconcile: () => number | null;
};

/** Changes that come together are looked at together. */
const PAUSE_MS = 10;

/** Lets every controller look at the cluster after every change, and whenever one of them asked for it. */
export function startLoop(
  registry: Registry,
  controllers: readonly Controller[],
  onError: (error: unknown) => void,
): Disposable {
  let timer: NodeJS.Timeout | undefined;
  let wakeAtMs = Infinity;

  const wakeAt = (atMs: number) => {
    if (atMs >= wakeAtMs) return;
    wakeAtMs = atMs;
    clearTimeout(timer);
    timer = setTimeout(sweep, Math.max(atMs - registry.now().getTime(), PAUSE_MS));
  };

  const sweep = () => {
    wakeAtMs = Infinity;
    for (const { reconcile } of controllers) {
      try {
        wakeAt(reconcile() ?? Infinity);
      } catch (error) {
        onError(error);
        wakeAt(registry.now().getTime() + 1000);
      }
    }
  };

  const unsubscribe = registry.subscribe(() => wakeAt(registry.now().getTime()));
  wakeAt(registry.now().getTime());
  return {
    [Symbol.dispose]() {
      unsubscribe();
      clearTimeout(timer);
    },
  };
}

/** The earlier of two wishes to look again. */
export const earlier = (a: number | null, b: number | null) =>
  a === null ? b : b === null ? a : Math.min(a, b);
