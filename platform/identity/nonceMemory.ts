import { unavailable } from '../errors.js';

/**
 * Remembers each nonce for at least `lifetimeMs`, in two generations: whoever forgets one generation at a time needs no
 * expiry per nonce. It never forgets early to make room; when it is full, it fails with UNAVAILABLE.
 */
export function createNonceMemory({ lifetimeMs, noncesMax }: { lifetimeMs: number; noncesMax: number }) {
  let current = new Set<string>();
  let previous = new Set<string>();
  let turnedAt = Number.NEGATIVE_INFINITY;

  function turn(now: number) {
    const age = now - turnedAt;
    if (age >= 0 && age < lifetimeMs) return;
    previous = age < 2 * lifetimeMs ? current : new Set();
    current = new Set();
    turnedAt = now;
  }

  return {
    /** False if it was seen before. `now` in milliseconds. */
    remember(nonce: string, now: number): boolean {
      turn(now);
      if (current.has(nonce) || previous.has(nonce)) return false;
      if (current.size + previous.size >= noncesMax) throw unavailable('This part of Fleetgraph');
      current.add(nonce);
      return true;
    },
  };
}
