import type { BudgetEvent, BudgetPeriod } from '../../../contracts/billing.events.js';
import { badUserInput } from '../../../platform/errors.js';
import { CURRENCY, Decimal, toText } from '../money.js';

export type Threshold = { percent: number; action: 'WARN' | 'BLOCK_NEW' };

export type BudgetState = {
  projectId: string;
  period: BudgetPeriod;
  amount: string;
  currency: string;
  /** By rising percentage. */
  thresholds: readonly Threshold[];
  /** The percentages that were reached in the newest period in which any was. */
  crossed: { period: string; percents: readonly number[] } | null;
};

/** What of a budget says how much may be spent. */
export type Limit = Pick<BudgetState, 'amount' | 'thresholds'>;

const MS_PER_HOUR = 3_600_000;

export const DEFAULT_THRESHOLDS: readonly Threshold[] = [
  { percent: 50, action: 'WARN' },
  { percent: 80, action: 'WARN' },
  { percent: 90, action: 'WARN' },
  { percent: 100, action: 'BLOCK_NEW' },
];

export function decideCreateBudget(command: {
  id: string;
  projectId: string;
  period: BudgetPeriod;
  amount: string;
  thresholds: readonly Threshold[] | null;
}): BudgetEvent[] {
  const { id, projectId, period } = command;
  const amount = toText(new Decimal(command.amount));
  const thresholds = [...(command.thresholds ?? DEFAULT_THRESHOLDS)].sort((a, b) => a.percent - b.percent);
  if (new Set(thresholds.map(({ percent }) => percent)).size < thresholds.length)
    throw badUserInput([{ path: ['input', 'thresholds'], message: 'must name each percentage once' }]);
  const data = { id, projectId, period, amount, currency: CURRENCY, thresholds };
  return [{ type: 'BudgetCreated', data }];
}

/** The same amount again changes nothing. */
export function decideUpdateBudget(id: string, budget: BudgetState, wanted: string): BudgetEvent[] {
  const amount = toText(new Decimal(wanted));
  return amount === budget.amount ? [] : [{ type: 'BudgetAmountChanged', data: { id, amount } }];
}

/** The thresholds that spending has reached and that were not reached before in this period. */
export function decideCrossThresholds(
  id: string,
  budget: BudgetState,
  now: { period: string; spent: Decimal; held: Decimal },
): BudgetEvent[] {
  const { period } = now;
  const { crossed } = budget;
  // Names of periods are in the order of time: what was measured before a newer period began is too late.
  if (crossed && crossed.period > period) return [];
  const known = crossed?.period === period ? crossed.percents : [];
  const [spent, held] = [toText(now.spent), toText(now.held)];
  return budget.thresholds
    .filter(({ percent }) => !known.includes(percent) && reaches(budget, percent, now.spent))
    .map(({ percent, action }) => ({
      type: 'BudgetThresholdCrossed',
      data: { id, period, percent, action, spent, held },
    }));
}

/** In how many milliseconds spending reaches the next threshold if it goes on like this; Infinity where it reaches none. */
export function nextCrossingMs(budget: Limit, now: { spent: Decimal; ratePerHour: Decimal }): number {
  if (now.ratePerHour.isZero()) return Infinity;
  const missing = budget.thresholds
    .map(({ percent }) => new Decimal(budget.amount).times(percent).div(100).minus(now.spent))
    .filter((amount) => amount.gt(0));
  if (missing.length === 0) return Infinity;
  return Decimal.min(...missing)
    .times(MS_PER_HOUR)
    .div(now.ratePerHour)
    .ceil()
    .toNumber();
}

/** EXCEEDED once the whole amount is spent, WARNING from the lowest warning threshold on. */
export function budgetStatus(budget: BudgetState, spent: Decimal): 'OK' | 'WARNING' | 'EXCEEDED' {
  if (reaches(budget, 100, spent)) return 'EXCEEDED';
  const warns = ({ percent, action }: Threshold) => action === 'WARN' && reaches(budget, percent, spent);
  return budget.thresholds.some(warns) ? 'WARNING' : 'OK';
}

/** Whether spending has reached a threshold from which on nothing new is admitted. */
export const blocksNew = (budget: Limit, spent: Decimal): boolean =>
  budget.thresholds.some(({ percent, action }) => action === 'BLOCK_NEW' && reaches(budget, percent, spent));

export function evolveBudget(state: BudgetState | null, event: BudgetEvent): BudgetState {
  if (event.type === 'BudgetCreated') {
    const { projectId, period, amount, currency, thresholds } = event.data;
    return { projectId, period, amount, currency, thresholds, crossed: null };
  }
  if (!state) throw new Error(`${event.type} of a budget that does not exist`);
  switch (event.type) {
    case 'BudgetAmountChanged':
      return { ...state, amount: event.data.amount };
    case 'BudgetThresholdCrossed': {
      const { period, percent } = event.data;
      const known = state.crossed?.period === period ? state.crossed.percents : [];
      return { ...state, crossed: { period, percents: [...known, percent] } };
    }
  }
}

const reaches = (budget: Pick<BudgetState, 'amount'>, percent: number, spent: Decimal): boolean =>
  spent.times(100).gte(new Decimal(budget.amount).times(percent));
