import type { SchedulingEvent } from '../../../contracts/scheduling.events.js';
import type { Transaction } from '../../../platform/database/database.js';
import type { Positioned } from '../../../platform/eventStore/event.js';
import type { Projection } from '../../../platform/projection/projection.js';

const ENDS: readonly SchedulingEvent['type'][] = [
  'JobSucceeded',
  'JobFailed',
  'JobTimedOut',
  'JobCancelled',
  'JobExpired',
  'JobUnsatisfiable',
];

/** Whose a job is, and whether more of it may come: who may read its log, and until when it is waited for. */
export const knownJobProjection: Projection = {
  name: 'resources.jobs',
  source: 'scheduling',
  apply: (tx, event) => apply(tx, event as Positioned<SchedulingEvent>),
  clear: async (tx) => void (await tx.knownJob.deleteMany()),
};

async function apply(tx: Transaction, event: Positioned<SchedulingEvent>): Promise<void> {
  if (event.type === 'JobSubmitted') {
    const { id, projectId } = event.data;
    await tx.knownJob.create({ data: { id, projectId } });
  } else if (ENDS.includes(event.type)) {
    await tx.knownJob.update({ where: { id: event.streamId }, data: { hasEnded: true } });
  }
}
