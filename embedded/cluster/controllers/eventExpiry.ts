import { earlier } from './loop.js';
import { events } from '../resources.js';
import type { Controller } from './loop.js';
import type { Registry } from '../api/registry.js';

/** As long as Kubernetes keeps them. */
const KEPT_MS = 60 * 60 * 1000;

/** Deletes events that are an hour old. */
export function createEventExpiry(registry: Registry): Controller {
  return {
    name: 'event-expiry',
    reconcile() {
      const nowMs = registry.now().getTime();
      let next: number | null = null;
      for (const event of registry.list(events)) {
        const { lastTimestamp, metadata } = event;
        const atMs = Date.parse(lastTimestamp ?? metadata.creationTimestamp ?? '') + KEPT_MS;
        if (atMs <= nowMs) registry.delete(events, event);
        else next = earlier(next, atMs);
      }
      return next;
    },
  };
}
