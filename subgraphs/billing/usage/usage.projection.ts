import type { AllocationEvent, InstanceEvent } from '../../../contracts/resources.events.js';
import type { Transaction } from '../../../platform/database/database.js';
import type { Positioned } from '../../../platform/eventStore/event.js';
import type { Projection } from '../../../platform/projection/projection.js';
import { forgetOwners, rememberOwner } from '../cost/owner.repository.js';

/**
 * What is metered, from the allocations' own events and nothing else. The rows are the same whatever the order of an
 * allocation's opening and closing, and however often either comes.
 */
export const usageProjection: Projection = {
  name: 'billing.usage',
  source: 'resources',
  async apply(tx, event) {
    const { type, data } = event as Positioned<AllocationEvent | InstanceEvent>;
    if (type === 'InstanceRequested') await rememberOwner(tx, event, 'INSTANCE');
    if (type === 'AllocationOpened') await open(tx, data);
    if (type === 'AllocationClosed') await close(tx, data);
  },
  async clear(tx) {
    await tx.usage.deleteMany();
    await tx.earlyUsageEnd.deleteMany();
    await forgetOwners(tx, 'INSTANCE');
  },
};

type Opened = Extract<AllocationEvent, { type: 'AllocationOpened' }>['data'];
type Closed = Extract<AllocationEvent, { type: 'AllocationClosed' }>['data'];
type Writer = Pick<Transaction, '$executeRaw'>;

/** One statement, which takes an end that came early. */
async function open(tx: Writer, { id, owner, from, ...device }: Opened): Promise<void> {
  const { projectId, gpuModelId, basisPoints } = device;
  await tx.$executeRaw`
    WITH early AS (DELETE FROM billing.early_usage_end WHERE allocation_id = ${id} RETURNING "to")
    INSERT INTO billing.usage
      (allocation_id, owner_id, owner_kind, project_id, gpu_model_id, basis_points, "from", "to")
    VALUES (${id}, ${owner.id}, ${owner.kind}, ${projectId}, ${gpuModelId}, ${basisPoints},
      ${new Date(from)}, (SELECT "to" FROM early))
    ON CONFLICT DO NOTHING`;
}

/** One statement, which keeps an end whose beginning has not come yet. */
async function close(tx: Writer, { id, to }: Closed): Promise<void> {
  await tx.$executeRaw`
    WITH closed AS (
      UPDATE billing.usage SET "to" = coalesce("to", ${new Date(to)}) WHERE allocation_id = ${id} RETURNING 1
    )
    INSERT INTO billing.early_usage_end (allocation_id, "to")
    SELECT ${id}, ${new Date(to)} WHERE NOT EXISTS (SELECT 1 FROM closed)
    ON CONFLICT DO NOTHING`;
}
