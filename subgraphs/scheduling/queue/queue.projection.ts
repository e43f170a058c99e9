import type { QueueEvent } from '../../../contracts/scheduling.events.js';
import type { Aggregate } from '../../../platform/eventStore/aggregate.js';
import { evolveQueue, type QueueState } from './queue.js';

export const queueAggregate: Aggregate<QueueState, QueueEvent> = {
  kind: 'Queue',
  types: ['QueueCreated'],
  evolve: evolveQueue,
  async project(tx, { id, state, version, createdAt, createdBy, updatedAt }) {
    const { projectId, name } = state;
    await tx.queue.upsert({
      where: { id },
      create: { id, projectId, name, version, createdAt, createdBy, updatedAt, state },
      update: { version, updatedAt, state },
    });
  },
};
