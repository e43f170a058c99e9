import { ulid } from 'ulid';
import type { ProjectEvent } from '../../../contracts/governance.events.js';
import type { Commands } from '../../../platform/command/commands.js';
import type { Positioned } from '../../../platform/eventStore/event.js';
import type { ProcessManager } from '../../../platform/saga/processManager.js';
import { reactionTo } from '../../../platform/saga/reaction.js';
import { decideCreateQueue, DEFAULT_QUEUE } from './queue.js';
import { queueAggregate } from './queue.projection.js';

const NAME = 'scheduling.default-queues';

/** Gives every project the queue that its jobs wait in. */
export const createDefaultQueues = (commands: Commands): ProcessManager => ({
  name: NAME,
  source: 'governance',
  types: ['ProjectCreated'],
  async react(event) {
    const { id: projectId } = (event as Positioned<ProjectEvent>).data;
    await commands.execute(reactionTo(event, { manager: NAME, command: 'createQueue' }), async (unit) => {
      const id = `queue_${ulid()}`;
      const events = decideCreateQueue(id, { projectId, name: DEFAULT_QUEUE });
      await unit.save(queueAggregate, await unit.load(queueAggregate, id), events, projectId);
      return { id };
    });
  },
});
