import type { Transaction } from '../../platform/database/database.js';
import type { Projection } from '../../platform/projection/projection.js';
import type { AnyAggregate } from '../../platform/projection/rebuildInline.js';
import { projectProjection } from './project/project.projection.js';
import { registeredModelAggregate } from './registeredModel/registeredModel.projection.js';

/** What the context's events are folded into, for a rebuild. */
export const aggregates: readonly AnyAggregate[] = [registeredModelAggregate];

/** What it keeps of other contexts' events. */
export const projections: readonly Projection[] = [projectProjection];

/** Empties what the aggregates write. */
export async function clearReadModels(tx: Transaction): Promise<void> {
  await tx.registeredModel.deleteMany();
}
