import { ulid } from 'ulid';
import type { NodeRoom } from '../../../contracts/gang.js';
import type { PodShare } from '../../../contracts/resources.events.js';
import type { Unit } from '../../../platform/command/unit.js';
import { checkQuota, type DeviceOwner, type Devices } from '../admission/devices.js';
import { capacityExhausted } from '../admission/errors.js';
import { decideClose } from '../allocation/allocation.js';
import { allocationAggregate } from '../allocation/allocation.projection.js';
import { capacityOf, lockFreeDevices, readNodeCapacities } from '../gpu/capacity.repository.js';
import type { Layout } from './layout.js';

export type PlacedShares = Layout & { devices: Devices[] };

/** Nodes that somebody else took devices of meanwhile, before the wish is given up. */
const ROUNDS_MAX = 3;

/**
 * Takes `count` devices for all pods of a workload, all or nothing, within the unit: under the same locks as an
 * instance's (see admission/devices.ts), those of the quotas before those of the devices. What is given was free and
 * allowed. Refused with QUOTA_EXCEEDED or CAPACITY_EXHAUSTED.
 */
export async function placeShares(
  unit: Unit,
  owner: DeviceOwner,
  wish: { gpuModelId: string; count: number; lay: (nodes: readonly NodeRoom[]) => Layout | null },
): Promise<PlacedShares> {
  const { gpuModelId, count, lay } = wish;
  const { tx } = unit;
  await checkQuota(tx, owner, gpuModelId, count);
  for (let round = 1; round <= ROUNDS_MAX; round++) {
    const layout = lay(await readNodeCapacities(tx, [gpuModelId]));
    if (!layout) break;
    const devices = await takeDevices(unit, gpuModelId, layout);
    if (devices) return { ...layout, devices };
  }
  const { free } = capacityOf(gpuModelId, await readNodeCapacities(tx, [gpuModelId]));
  throw capacityExhausted(gpuModelId, count, free);
}

/** The devices of every share, or null if one of its nodes has too few left. Nodes are locked in the order of their ids. */
async function takeDevices(
  { tx }: Unit,
  gpuModelId: string,
  { clusterId, shares }: Layout,
): Promise<Devices[] | null> {
  const devices: Devices[] = [];
  for (const { nodeId, pods, gpusPerPod } of shares.toSorted(byNode)) {
    const gpuIds = (await lockFreeDevices(tx, nodeId, gpuModelId)).slice(0, pods * gpusPerPod);
    if (gpuIds.length < pods * gpusPerPod) return null;
    const allocationIds = gpuIds.map(() => `allocation_${ulid()}`);
    devices.push({ placement: { gpuModelId, clusterId, nodeId, allocationIds }, gpuIds });
  }
  return devices;
}

const byNode = (a: PodShare, b: PodShare): number => (a.nodeId < b.nodeId ? -1 : 1);

/** Takes back the devices of one workload; another attempt of the same job keeps its own. */
export async function closeAllocations(unit: Unit, allocationIds: readonly string[]): Promise<void> {
  for (const id of allocationIds) {
    const allocation = await unit.load(allocationAggregate, id);
    if (allocation.state === null) continue;
    const events = decideClose(id, allocation.state, unit.now);
    await unit.save(allocationAggregate, allocation, events, allocation.state.projectId);
  }
}
