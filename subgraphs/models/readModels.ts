import type { Transaction } from '../../platform/database/database.js';
import type { Projection } from '../../platform/projection/projection.js';
import type { AnyAggregate } from '../../platform/projection/rebuildInline.js';
import { deploymentAggregate } from './deployment/deployment.projection.js';
import { jobProjection } from './job/job.projection.js';
import { modelVersionAggregate } from './modelVersion/modelVersion.projection.js';
import { projectProjection } from './project/project.projection.js';
import { registeredModelAggregate } from './registeredModel/registeredModel.projection.js';

/** What the context's events are folded into, for a rebuild. */
export const aggregates: readonly AnyAggregate[] = [
  registeredModelAggregate,
  modelVersionAggregate,
  deploymentAggregate,
];

/** What it keeps of other contexts' events. */
export const projections: readonly Projection[] = [projectProjection, jobProjection];

/** Empties what the aggregates write. */
export async function clearReadModels(tx: Transaction): Promise<void> {
  await tx.deploymentVersion.deleteMany();
  await tx.deployment.deleteMany();
  await tx.evaluation.deleteMany();
  await tx.modelVersion.deleteMany();
  await tx.aliasChange.deleteMany();
  await tx.registeredModel.deleteMany();
}
