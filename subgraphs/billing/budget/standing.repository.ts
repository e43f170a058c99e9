import type { Transaction } from '../../../platform/database/database.js';
import { groupBy } from '../groupBy.js';
import { remaining } from '../hold/hold.js';
import { Decimal, sum, ZERO } from '../money.js';
import { costOf, type Metered, ratePerHour } from '../usage/rating.js';
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
type Facts = StandingFacts & { now: number; usagesByOwner: ReadonlyMap<string, readonly Metered[]> };

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
  const known = await readStandingFacts(reader, roots, new Date(begun));
  const facts: Facts = {
    ...known,
    now: now.getTime(),
    holds: known.holds.filter(({ id }) => id !== exceptHold),
    usagesByOwner: groupBy(known.usages, ({ ownerId }) => ownerId),
  };
  return new Map(budgets.map((budget) => [budget.id, standingOf(budget, facts)]));
}

function standingOf({ state: budget }: Counted, facts: Facts): Standing {
  const { now, lineages, usages, usagesByOwner, holds, prices } = facts;
  const isBelow = ({ projectId }: { projectId: string }) =>
    lineages.get(projectId)?.includes(budget.projectId) ?? false;
  const { name, from } = periodAt(budget.period, new Date(now));
  const own = usages.filter(isBelow);
  const spent = costOf(own, prices, { from, to: now });
  const held = sum(
    holds
      .map(({ state }) => state)
      .filter(isBelow)
      .map((hold) => {
        const used = usagesByOwner.get(hold.ownerId) ?? [];
        return remaining(hold, costOf(used, prices, { from: Date.parse(hold.since), to: now }));
      }),
  );
  const limit = new Decimal(budget.amount);
  const free = Decimal.max(ZERO, limit.minus(spent).minus(held));
  const blocked = blocksNew(budget, spent);
  const rate = ratePerHour(own, prices, now);
  const freeForNew = blocked ? ZERO : free;
  return { period: name, limit, spent, ratePerHour: rate, held, free, freeForNew, blocked };
}
