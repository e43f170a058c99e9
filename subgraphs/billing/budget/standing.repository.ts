import type { Transaction } from '../../../platform/database/database.js';
import { groupBy } from '../groupBy.js';
import { remaining } from '../hold/hold.js';
import { Decimal, sum, ZERO } from '../money.js';
import { costOf, ratePerHour, type Usage } from '../usage/rating.js';
import { blocksNew, type BudgetState, type Limit } from './budget.js';
import { periodAt } from './period.js';
import { readStandingFacts, type StandingFacts } from './standingFacts.repository.js';

/** Where a budget stands in its current period. What is free is never negative. */
export type Standing = {
  period: string;
  limit: Decimal;
  spent: Decimal;
  /** What spending grows by per hour now. */
  ratePerHour: Decimal;
  held: Decimal;
  /** What the renewal of a hold may take. */
  free: Decimal;
  /** What a new hold may take: nothing once spending has reached a threshold that blocks. */
  freeForNew: Decimal;
  blocked: boolean;
};

type Counted = { id: string; state: Limit & Pick<BudgetState, 'projectId' | 'period'> };
type Facts = StandingFacts & { now: number; usagesByOwner: ReadonlyMap<string, readonly Usage[]> };

/**
 * Where budgets stand at `now`, by budget id. What a budget's project and all below it use and hold counts. It takes one
 * statement, or none without a budget. `exceptHold` is left out of what is held.
 */
export async function readStandings(
  reader: Pick<Transaction, '$queryRaw'>,
  budgets: readonly Counted[],
  now: Date,
  exceptHold?: string,
): Promise<Map<string, Standing>> {
  if (budgets.length === 0) return new Map();
  const roots = budgets.map(({ state }) => state.projectId);
  const begun = Math.min(...budgets.map(({ state }) => periodAt(state.period, now).from));
  const { holds, usages, prices } = await readStandingFacts(reader, roots, new Date(begun));
  const facts: Facts = {
    now: now.getTime(),
    holds: holds.filter(({ id }) => id !== exceptHold),
    usages,
    usagesByOwner: groupBy(usages, ({ ownerId }) => ownerId),
    prices,
  };
  return new Map(budgets.map((budget) => [budget.id, standingOf(budget, facts)]));
}

function standingOf({ state: budget }: Counted, facts: Facts): Standing {
  const { now, usages, usagesByOwner, holds, prices } = facts;
  const isBelow = ({ lineage }: { lineage: readonly string[] }) => lineage.includes(budget.projectId);
  const { name, from } = periodAt(budget.period, new Date(now));
  const own = usages.filter(isBelow);
  const spent = costOf(own, prices, { from, to: now });
  const held = sum(
    holds.filter(isBelow).map(({ state }) => {
      const used = usagesByOwner.get(state.ownerId) ?? [];
      return remaining(state, costOf(used, prices, { from: Date.parse(state.since), to: now }));
    }),
  );
  const limit = new Decimal(budget.amount);
  const free = Decimal.max(ZERO, limit.minus(spent).minus(held));
  const blocked = blocksNew(budget, spent);
  const rate = ratePerHour(own, prices, now);
  const freeForNew = blocked ? ZERO : free;
  return { period: name, limit, spent, ratePerHour: rate, held, free, freeForNew, blocked };
}
