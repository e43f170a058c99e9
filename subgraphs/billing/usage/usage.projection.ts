import type { AllocationEvent } from '../../../contracts/resources.events.js';
import type { Transaction } from '../../../platform/database/database.js';
import type { Positioned } from '../../../platform/eventStore/event.js';
import type { Projection } from '../../../platform/projection/projection.js';
import { ownerKindOf } from './owner.js';

/**
 * What is metered, from the allocations' own events and nothing else. The rows are the same whatever the order of an
 * allocation's opening and closing, and however often either comes.
 */
export const usageProjection: Projection = {
  name: 'billing.usage',
  source: 'resources',
  async apply(tx, event) {
    await rememberOwner(tx, event);
    const { type, data } = event as Positioned<AllocationEvent>;
    if (type === 'AllocationOpened') await open(tx, data);
    if (type === 'AllocationClosed') await close(tx, data);
  },
  async clear(tx) {
    await tx.usage.deleteMany();
    await tx.earlyUsageEnd.deleteMany();
    await tx.costOwner.deleteMany();
  },
};

type Opened = Extract<AllocationEvent, { type: 'AllocationOpened' }>['data'];
type Closed = Extract<AllocationEvent, { type: 'AllocationClosed' }>['data'];

/** Whoever set off the first event of something that can cost money has made it. */
async function rememberOwner(tx: Transaction, event: Positioned): Promise<void> {
  const kind = ownerKindOf(event.streamId);
  if (kind === null || event.projectId === null) return;
  const { streamId: id, projectId } = event;
  const createdBy = event.onBehalfOf ?? event.actor.id;
  await tx.costOwner.createMany({ data: [{ id, kind, projectId, createdBy }], skipDuplicates: true });
}

async function open(tx: Transaction, { id: allocationId, owner, from, ...device }: Opened): Promise<void> {
  const { projectId, gpuModelId, basisPoints } = device;
  const { id: ownerId, kind: ownerKind } = owner;
  await tx.costOwner.createMany({
    data: [{ id: ownerId, kind: ownerKind, projectId, createdBy: null }],
    skipDuplicates: true,
  });
  const early = await tx.earlyUsageEnd.findUnique({ where: { allocationId } });
  const span = { from: new Date(from), to: early?.to ?? null };
  await tx.usage.createMany({
    data: [{ allocationId, ownerId, ownerKind, projectId, gpuModelId, basisPoints, ...span }],
    skipDuplicates: true,
  });
  if (early) await tx.earlyUsageEnd.delete({ where: { allocationId } });
}

async function close(tx: Transaction, { id: allocationId, to }: Closed): Promise<void> {
  const known = await tx.usage.count({ where: { allocationId } });
  if (known > 0) await tx.usage.updateMany({ where: { allocationId, to: null }, data: { to: new Date(to) } });
  else
    await tx.earlyUsageEnd.createMany({
      data: [{ allocationId, to: new Date(to) }],
      skipDuplicates: true,
    });
}
