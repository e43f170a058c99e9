import DataLoader from 'dataloader';
import type { Database } from '../../platform/database/database.js';
import type { AllocationRepository } from './allocation/allocation.repository.js';
import { readNodeCapacities } from './gpu/capacity.repository.js';
import { readEnergy } from './metrics/energy.repository.js';
import { readUsage } from './quota/quota.repository.js';
import { readQuotaLimits } from './quota/quotaLimit.repository.js';
import type { Repositories } from './repositories.js';

export type Loaders = ReturnType<typeof createLoaders>;

export type UsageCell = { projectId: string; gpuModelId: string };

/** One set per request, or per event of a feed: they remember, and what a caller may see must not outlive the caller. */
export function createLoaders(options: {
  reader: Database['prisma'];
  /** For what counts everybody's devices. */
  system: Database['prisma'];
  repositories: Repositories;
  occupants: Pick<AllocationRepository, 'openOfGpus'>;
}) {
  const { reader, system, repositories, occupants } = options;
  const { instances, allocations, fleet, workloads } = repositories;
  return {
    instance: oneByKey(instances.findByIds, ({ id }) => id),
    allocation: oneByKey(allocations.findByIds, ({ id }) => id),
    workloadName: oneByKey(workloads.namesOfOwners, ({ ownerId }) => ownerId),
    deploymentWorkload: oneByKey(workloads.ofDeployments, ({ ownerId }) => ownerId),
    knownJob: oneByKey(
      (ids) => reader.knownJob.findMany({ where: { id: { in: [...ids] } } }),
      ({ id }) => id,
    ),
    energyOfJob: oneByKey(
      (ids) => readEnergy(reader, ids),
      ({ jobId }) => jobId,
    ),
    openAllocationOfGpu: oneByKey(occupants.openOfGpus, ({ state }) => state.gpuId),
    allocationsOfOwner: manyByKey(
      (ids) => allocations.newestOfOwners(ids),
      ({ state }) => state.owner.id,
    ),
    allocationsOfGpu: manyByKey(
      (ids) => allocations.newestOfGpus(ids),
      ({ state }) => state.gpuId,
    ),
    cluster: oneByKey(fleet.clustersByIds, ({ id }) => id),
    node: oneByKey(fleet.nodesByIds, ({ id }) => id),
    nodesOfCluster: manyByKey(fleet.nodesOfClusters, ({ state }) => state.clusterId),
    gpu: oneByKey(fleet.gpusByIds, ({ id }) => id),
    gpusOfNode: manyByKey(fleet.gpusOfNodes, ({ nodeId }) => nodeId),
    quotaLimit: oneByKey(
      (quotaIds) => readQuotaLimits(reader, quotaIds),
      ({ quotaId }) => quotaId,
    ),

    /** Devices of a model that could be given now. */
    freeOfModel: new DataLoader<string, number>(async (modelIds) => {
      const nodes = await readNodeCapacities(system, modelIds);
      const free = groupBy(nodes, ({ gpuModelId }) => gpuModelId);
      return modelIds.map((id) => (free.get(id) ?? []).reduce((sum, node) => sum + node.free, 0));
    }),

    /** GPUs of a model that a project, with all below it, has now. */
    usage: new DataLoader<UsageCell, number, string>(
      async (cells) => {
        const projectIds = [...new Set(cells.map(({ projectId }) => projectId))];
        const modelIds = [...new Set(cells.map(({ gpuModelId }) => gpuModelId))];
        const rows = await readUsage(reader, projectIds, modelIds);
        const usedByCell = new Map(rows.map((row) => [keyOfCell(row), row.used]));
        return cells.map((cell) => usedByCell.get(keyOfCell(cell)) ?? 0);
      },
      { cacheKeyFn: keyOfCell },
    ),
  };
}

const keyOfCell = ({ projectId, gpuModelId }: UsageCell): string => `${projectId} ${gpuModelId}`;

function oneByKey<Value>(
  find: (keys: readonly string[]) => Promise<readonly Value[]>,
  keyOf: (value: Value) => string,
) {
  return new DataLoader<string, Value | null>(async (keys) => {
    const byKey = new Map((await find(keys)).map((value) => [keyOf(value), value]));
    return keys.map((key) => byKey.get(key) ?? null);
  });
}

function manyByKey<Value>(
  find: (keys: readonly string[]) => Promise<readonly Value[]>,
  keyOf: (value: Value) => string,
) {
  return new DataLoader<string, Value[]>(async (keys) => {
    const byKey = groupBy(await find(keys), keyOf);
    return keys.map((key) => byKey.get(key) ?? []);
  });
}

function groupBy<Value>(values: readonly Value[], keyOf: (value: Value) => string): Map<string, Value[]> {
  const groups = new Map<string, Value[]>();
  for (const value of values) {
    const key = keyOf(value);
    const group = groups.get(key);
    if (group) group.push(value);
    else groups.set(key, [value]);
  }
  return groups;
}
