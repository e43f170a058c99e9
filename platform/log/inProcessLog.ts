import { EventEmitter } from 'node:events';
import { POLL_MS, type EventLog } from './log.js';

/**
 * The log of one process: whoever has subscribed is called before `publish` resolves. What other processes commit is not
 * announced, so where there are some, `pollMs` is how late it is heard of.
 */
export function createInProcessLog({ pollMs = POLL_MS }: { pollMs?: number | undefined } = {}): EventLog {
  const announcements = new EventEmitter().setMaxListeners(0);
  return {
    isShared: false,
    async publish(context, events) {
      if (events.length > 0) announcements.emit(context, events);
    },
    async subscribe(context, receive) {
      announcements.on(context, receive);
      return async () => void announcements.off(context, receive);
    },
    pollMs: () => pollMs,
    async [Symbol.asyncDispose]() {
      announcements.removeAllListeners();
    },
  };
}
