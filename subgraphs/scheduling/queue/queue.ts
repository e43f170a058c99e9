import type { QueueEvent } from '../../../contracts/scheduling.events.js';

export type QueueState = { projectId: string; name: string };

/** The queue that a project's jobs wait in when they name none. */
export const DEFAULT_QUEUE = 'default';

export const decideCreateQueue = (id: string, queue: QueueState): QueueEvent[] => [
  { type: 'QueueCreated', data: { id, ...queue } },
];

export function evolveQueue(_state: QueueState | null, event: QueueEvent): QueueState {
  switch (event.type) {
    case 'QueueCreated': {
      const { projectId, name } = event.data;
      return { projectId, name };
    }
  }
}
