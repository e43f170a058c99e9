import type { Transaction } from '../../platform/database/database.js';
import type { AnyAggregate } from '../../platform/projection/rebuildInline.js';
import { queueAggregate } from './queue/queue.projection.js';

/** What the context's events are folded into, for a rebuild. */
export const aggregates: readonly AnyAggregate[] = [queueAggregate];

/** Empties what the aggregates write. */
export async function clearReadModels(tx: Transaction): Promise<void> {
  await tx.queue.deleteMany();
}
