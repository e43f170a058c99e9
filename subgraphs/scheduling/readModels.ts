import type { Transaction } from '../../platform/database/database.js';
import type { Projection } from '../../platform/projection/projection.js';
import type { AnyAggregate } from '../../platform/projection/rebuildInline.js';
import { fleetProjection } from './facts/fleet.projection.js';
import { limitsProjection } from './facts/limits.projection.js';
import { moneyProjection } from './facts/money.projection.js';
import { jobAggregate } from './job/job.projection.js';
import { queueAggregate } from './queue/queue.projection.js';

/** What the context's events are folded into, for a rebuild. */
export const aggregates: readonly AnyAggregate[] = [queueAggregate, jobAggregate];

/** What it keeps of other contexts' events. */
export const projections: readonly Projection[] = [limitsProjection, fleetProjection, moneyProjection];

/** Empties what the aggregates write. */
export async function clearReadModels(tx: Transaction): Promise<void> {
  await tx.job.deleteMany();
  await tx.queue.deleteMany();
}
