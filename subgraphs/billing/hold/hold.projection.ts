import type { HoldEvent } from '../../../contracts/billing.events.js';
import type { Aggregate } from '../../../platform/eventStore/aggregate.js';
import { evolveHold, type HoldState } from './hold.js';

export const holdAggregate: Aggregate<HoldState, HoldEvent> = {
  kind: 'BudgetHold',
  types: ['HoldPlaced', 'HoldRenewed', 'HoldRenewalRefused', 'HoldReleased'],
  evolve: (state, event) => evolveHold(state, event, event.occurredAt),
  async project(tx, { id, state, version, createdAt, createdBy, updatedAt }) {
    const { ownerId, projectId, live } = state;
    await tx.budgetHold.upsert({
      where: { id },
      create: { id, ownerId, projectId, live, version, createdAt, createdBy, updatedAt, state },
      update: { live, version, updatedAt, state },
    });
  },
};
