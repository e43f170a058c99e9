import type { Transaction } from '../../../platform/database/database.js';
import { notFound, unavailable } from '../../../platform/errors.js';
import { pause } from '../../../platform/pause.js';
import { DEFAULT_QUEUE } from './queue.js';

/** The id of the queue that a job will wait in. */
export type QueueOf = (wish: { projectId: string; queueId: string | null }) => Promise<string>;

const LOOK_AGAIN_MS = 50;
const LOOKS_MAX = 40;

/**
 * The queue that is named, if it is the project's, or the project's default. A project that was created a moment ago gets
 * its queue in a moment: it is waited for, at most 2 s.
 */
export const createQueueOf =
  (reader: Pick<Transaction, 'queue'>): QueueOf =>
  async ({ projectId, queueId }) => {
    if (queueId !== null) {
      const named = await reader.queue.findUnique({ where: { id: queueId } });
      if (named?.projectId !== projectId) throw notFound('Queue', queueId);
      return queueId;
    }
    const where = { projectId_name: { projectId, name: DEFAULT_QUEUE } };
    for (let looks = 0; looks < LOOKS_MAX; looks++) {
      const found = await reader.queue.findUnique({ where });
      if (found) return found.id;
      await pause(LOOK_AGAIN_MS, new AbortController().signal);
    }
    throw unavailable(`The queue of project ${projectId}`);
  };
