import type { Transaction } from '../../platform/database/database.js';
import type { Projection } from '../../platform/projection/projection.js';
import type { AnyAggregate } from '../../platform/projection/rebuildInline.js';
import { budgetAggregate } from './budget/budget.projection.js';
import { jobProjection, modelProjection } from './cost/owner.projection.js';
import { holdAggregate } from './hold/hold.projection.js';
import { priceBookAggregate } from './priceBook/priceBook.projection.js';
import { projectProjection } from './project/project.projection.js';
import { usageProjection } from './usage/usage.projection.js';

/** What the context's events are folded into, for a rebuild. */
export const aggregates: readonly AnyAggregate[] = [priceBookAggregate, budgetAggregate, holdAggregate];

/** What it keeps of other contexts' events. */
export const projections: readonly Projection[] = [
  projectProjection,
  usageProjection,
  jobProjection,
  modelProjection,
];

/** Empties what the aggregates write. */
export async function clearReadModels(tx: Transaction): Promise<void> {
  await tx.priceBook.deleteMany();
  await tx.budget.deleteMany();
  await tx.budgetHold.deleteMany();
}
