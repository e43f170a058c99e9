import type { BudgetEvent } from '../../../contracts/billing.events.js';
import type { Aggregate } from '../../../platform/eventStore/aggregate.js';
import { type BudgetState, evolveBudget } from './budget.js';

export const budgetAggregate: Aggregate<BudgetState, BudgetEvent> = {
  kind: 'Budget',
  types: ['BudgetCreated', 'BudgetAmountChanged', 'BudgetThresholdCrossed'],
  evolve: evolveBudget,
  async project(tx, { id, state, version, createdAt, createdBy, updatedAt }) {
    const { projectId, period } = state;
    await tx.budget.upsert({
      where: { id },
      create: { id, projectId, period, version, createdAt, createdBy, updatedAt, state },
      update: { version, updatedAt, state },
    });
  },
};
