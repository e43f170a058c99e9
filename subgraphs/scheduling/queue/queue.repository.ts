import type { Transaction } from '../../../platform/database/database.js';
import type { Existing } from '../../../platform/eventStore/aggregate.js';
import { toExisting } from '../../../platform/eventStore/entityRow.js';
import type { QueueState } from './queue.js';

export type QueueEntity = Existing<QueueState>;

type Reader = Pick<Transaction, 'queue'>;

export async function readQueues(reader: Reader, ids: readonly string[]): Promise<QueueEntity[]> {
  const rows = await reader.queue.findMany({ where: { id: { in: [...ids] } } });
  return rows.map((row) => toExisting<QueueState>(row));
}

/** By name. */
export async function readQueuesOfProjects(
  reader: Reader,
  projectIds: readonly string[],
): Promise<QueueEntity[]> {
  const rows = await reader.queue.findMany({
    where: { projectId: { in: [...projectIds] } },
    orderBy: [{ projectId: 'asc' }, { name: 'asc' }],
  });
  return rows.map((row) => toExisting<QueueState>(row));
}
