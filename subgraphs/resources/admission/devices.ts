import { ulid } from 'ulid';
import type { OwnerKind, Placement } from '../../../contracts/resources.events.js';
import type { Unit } from '../../../platform/command/unit.js';
import { notFound } from '../../../platform/errors.js';
import { unborn } from '../../../platform/eventStore/aggregate.js';
import { toExisting } from '../../../platform/eventStore/entityRow.js';
import { type AllocationState, decideClose, openAllocations } from '../allocation/allocation.js';
import { allocationAggregate } from '../allocation/allocation.projection.js';
import { capacityOf, lockFreeDevices, readNodeCapacities } from '../gpu/capacity.repository.js';
import { lockQuotas, readQuotaCells } from '../quota/quota.repository.js';
import { capacityExhausted, quotaExceeded } from './errors.js';

/** Whoever has devices, and in which project they count. */
export type DeviceOwner = { kind: OwnerKind; id: string; projectId: string };

export type Devices = { placement: Placement; gpuIds: readonly string[] };

/** Nodes that had enough free devices when the request was judged, the one to try first at the front. */
export type Candidate = { clusterId: string; nodeId: string };

/**
 * Takes `count` devices of one of the candidates, within the unit. Quota and devices are counted again, each under locks
 * that last until the unit commits, so that what is given was free and allowed. Always quotas before devices, so that two
 * units cannot wait for each other.
 */
export async function placeDevices(
  { tx }: Unit,
  owner: DeviceOwner,
  { gpuModelId, candidates }: { gpuModelId: string; candidates: readonly Candidate[] },
  count: number,
): Promise<Devices> {
  await checkQuota(tx, owner, gpuModelId, count);
  for (const { nodeId, clusterId } of candidates) {
    const gpuIds = (await lockFreeDevices(tx, nodeId, gpuModelId)).slice(0, count);
    if (gpuIds.length < count) continue;
    const allocationIds = gpuIds.map(() => `allocation_${ulid()}`);
    return { placement: { gpuModelId, clusterId, nodeId, allocationIds }, gpuIds };
  }
  const { free } = capacityOf(gpuModelId, await readNodeCapacities(tx, [gpuModelId]));
  throw capacityExhausted(gpuModelId, count, free);
}

/** Locks the limits that count for the owner until the unit commits. Refused with QUOTA_EXCEEDED if one is too small. */
export async function checkQuota(
  tx: Unit['tx'],
  { projectId }: Pick<DeviceOwner, 'projectId'>,
  gpuModelId: string,
  count: number,
): Promise<void> {
  await lockQuotas(tx, projectId, gpuModelId);
  const cells = await readQuotaCells(tx, projectId, [gpuModelId]);
  if (cells.length === 0) throw notFound('Project', projectId);
  const full = cells.find(({ nominal, used }) => used + count > nominal);
  if (full) throw quotaExceeded(full, count, Math.max(0, full.nominal - full.used));
}

/** Gives the owner the devices that were placed in the same unit. The owner itself is saved before. */
export async function openDevices(unit: Unit, owner: DeviceOwner, devices: Devices): Promise<void> {
  for (const opened of openAllocations(owner, devices.placement, devices.gpuIds, unit.now))
    await unit.save(allocationAggregate, unborn(opened.data.id), [opened], owner.projectId);
}

/** Takes all devices back that the owner has. Call it once its pods were seen gone. */
export async function closeDevices(unit: Unit, ownerId: string): Promise<void> {
  const open = await unit.tx.allocation.findMany({
    where: { ownerId, closedAt: null },
    orderBy: { id: 'asc' },
  });
  for (const allocation of open.map((row) => toExisting<AllocationState>(row))) {
    const events = decideClose(allocation.id, allocation.state, unit.now);
    await unit.save(allocationAggregate, allocation, events, allocation.state.projectId);
  }
}
