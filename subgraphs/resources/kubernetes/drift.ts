import { isDeepStrictEqual } from 'node:util';

/** An object that somebody changed or deleted behind our back, and that was put right. */
export type Restored = {
  kind: string;
  namespace: string | null;
  name: string;
  found: 'CHANGED' | 'DELETED';
};

/** Tells of a restored object. */
export type TellRestored = (object: Restored) => Promise<void>;

/** Somebody who changes it again and again is told of no more often. */
const TOLD_EVERY_MS = 60_000;

/** Knows what the cluster was seen to hold, and so whose doing it is when it holds it no more. */
export interface Drift {
  /** The cluster holds the object as it is intended. */
  isHeld(key: string, intent: object): void;
  /** Whether the cluster held just this before: then somebody changed it, and not what is intended. */
  wasHeld(key: string, intent: object): boolean;
  tell(key: string, object: Restored): Promise<void>;
  forget(key: string): void;
}

export function createDrift(tellRestored: TellRestored): Drift {
  const held = new Map<string, object>();
  const toldAtMs = new Map<string, number>();
  return {
    isHeld: (key, intent) => void held.set(key, intent),
    wasHeld: (key, intent) => isDeepStrictEqual(held.get(key), intent),
    async tell(key, object) {
      const nowMs = performance.now();
      if (nowMs - (toldAtMs.get(key) ?? -Infinity) < TOLD_EVERY_MS) return;
      await tellRestored(object);
      toldAtMs.set(key, nowMs);
    },
    forget(key) {
      held.delete(key);
      toldAtMs.delete(key);
    },
  };
}
