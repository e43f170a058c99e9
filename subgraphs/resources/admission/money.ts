import { Decimal } from 'decimal.js';
import type { MoneyNeed } from '../../../contracts/admission.js';
import type { BudgetStatus } from '../../../contracts/calls.js';

/** Enough digits that a sum of money never loses one. */
const Exact = Decimal.clone({ precision: 60 });

/** What `count` GPUs cost in an hour, as decimal text. */
export const hourlyCost = (rate: string, count: number): string => new Exact(rate).times(count).toFixed();

/** Whether what is left of a budget pays for the first hour. A budget in another currency cannot say. */
export function moneyNeed(need: string, budget: BudgetStatus): MoneyNeed {
  const left = new Exact(budget.limit).minus(budget.spent).minus(budget.held);
  return { need, free: Decimal.max(left, 0).toFixed(), fits: left.gte(need) };
}
