import { EventEmitter } from 'node:events';
import type { EventLog } from './log.js';

/** The log of one process: whoever has subscribed is called before `publish` resolves. */
export function createInProcessLog(): EventLog {
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
    async [Symbol.asyncDispose]() {
      announcements.removeAllListeners();
    },
  };
}
