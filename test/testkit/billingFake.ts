import { Decimal } from 'decimal.js';
import type { BillingCalls, BudgetStatus } from '../../contracts/calls.js';
import { PublicError } from '../../platform/errors.js';

type Hold = { id: string; projectId: string; amount: string };

/** Billing as those see it who give devices: one budget per project at most, holds in memory. */
export interface BillingFake extends BillingCalls {
  setBudget(projectId: string, limit: string): void;
  /** Those that are live, by owner. */
  readonly holds: ReadonlyMap<string, Hold>;
}

export function createBillingFake(): BillingFake {
  const limits = new Map<string, string>();
  const holds = new Map<string, Hold>();
  let placed = 0;

  function statusOf(projectId: string): BudgetStatus | null {
    const limit = limits.get(projectId);
    if (limit === undefined) return null;
    const own = [...holds.values()].filter((hold) => hold.projectId === projectId);
    const held = own.reduce((sum, { amount }) => sum.plus(amount), new Decimal(0)).toFixed();
    return { limit, spent: '0', held, currency: 'USD', budgetId: `budget_${projectId}` };
  }

  return {
    holds,
    setBudget: (projectId, limit) => void limits.set(projectId, limit),

    async placeHold({ ownerId, projectId, amount }) {
      const live = holds.get(ownerId);
      if (live) return { holdId: live.id };
      const status = statusOf(projectId);
      const free = status ? new Decimal(status.limit).minus(status.held) : null;
      if (status && free?.lt(amount)) throw budgetExceeded(amount, free.toFixed(), status);
      const id = `hold_${++placed}`;
      holds.set(ownerId, { id, projectId, amount });
      return { holdId: id };
    },

    async releaseHold({ ownerId, holdId }) {
      if (holdId === undefined || holds.get(ownerId)?.id === holdId) holds.delete(ownerId);
    },

    budgetStatus: async ({ projectId }) => statusOf(projectId),
  };
}

const budgetExceeded = (need: string, free: string, budget: BudgetStatus) =>
  new PublicError(
    'BUDGET_EXCEEDED',
    `The budget has ${free} ${budget.currency} left, not ${need}`,
    'Ask for less, wait for the next period, or ask for a larger budget.',
    { ...budget, need, free },
  );
