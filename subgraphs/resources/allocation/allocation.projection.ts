import type { AllocationEvent } from '../../../contracts/resources.events.js';
import type { Aggregate } from '../../../platform/eventStore/aggregate.js';
import { rowOfEntity } from '../../../platform/eventStore/entityRow.js';
import { type AllocationState, evolveAllocation } from './allocation.js';

export const allocationAggregate: Aggregate<AllocationState, AllocationEvent> = {
  kind: 'Allocation',
  types: ['AllocationOpened', 'AllocationClosed'],
  evolve: evolveAllocation,
  async project(tx, entity) {
    const { owner, projectId, gpuId, gpuModelId, nodeId, basisPoints, from, to } = entity.state;
    const { id, version, updatedAt, state, ...birth } = rowOfEntity(entity);
    const changing = { version, updatedAt, state, closedAt: to === null ? null : new Date(to) };
    const ids = { ownerKind: owner.kind, ownerId: owner.id, projectId, gpuId, gpuModelId, nodeId };
    await tx.allocation.upsert({
      where: { id },
      create: { id, ...birth, ...ids, basisPoints, openedAt: new Date(from), ...changing },
      update: changing,
    });
  },
};
