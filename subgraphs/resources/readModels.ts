import type { Transaction } from '../../platform/database/database.js';
import type { Projection } from '../../platform/projection/projection.js';
import type { AnyAggregate } from '../../platform/projection/rebuildInline.js';
import { allocationAggregate } from './allocation/allocation.projection.js';
import { clusterAggregate } from './cluster/cluster.projection.js';
import { instanceAggregate } from './instance/instance.projection.js';
import { knownJobProjection } from './logs/knownJob.projection.js';
import { nodeAggregate } from './node/node.projection.js';
import { priceProjection } from './price/price.projection.js';
import { quotaProjection } from './quota/quota.projection.js';
import { workloadAggregate } from './workload/workload.projection.js';

/** What the context's events are folded into, for a rebuild. */
export const aggregates: readonly AnyAggregate[] = [
  allocationAggregate,
  clusterAggregate,
  instanceAggregate,
  nodeAggregate,
  workloadAggregate,
];

/** What it keeps of other contexts' events. */
export const projections: readonly Projection[] = [quotaProjection, priceProjection, knownJobProjection];

/** Empties what the aggregates write. */
export async function clearReadModels(tx: Transaction): Promise<void> {
  await tx.allocation.deleteMany();
  await tx.instance.deleteMany();
  await tx.workload.deleteMany();
  await tx.gpu.deleteMany();
  await tx.node.deleteMany();
  await tx.cluster.deleteMany();
}
