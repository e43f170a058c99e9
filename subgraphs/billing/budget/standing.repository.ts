import type { Transaction } from '../../../platform/database/database.js';
import { type EntityRow, toExisting } from '../../../platform/eventStore/entityRow.js';
import { type HoldState, remaining } from '../hold/hold.js';
import { Decimal, sum } from '../money.js';
import { groupBy } from '../groupBy.js';
import { costOf, type PriceTimeline, type Usage } from '../usage/rating.js';
import { readPrices, readUsageOfProjects } from '../usage/usage.repository.js';
import type { BudgetState } from './budget.js';
import { periodAt } from './period.js';

/** Where a budget stands in its current period: `free` is what a new hold may take, and never negative. */
export type Standing = { period: string; limit: Decimal; spent: Decimal; held: Decimal; free: Decimal };

type Reader = Pick<Transaction, 'billingProject' | 'usage' | 'budgetHold' | 'priceBook'>;
type Counted = { id: string; state: Pick<BudgetState, 'projectId' | 'period' | 'amount'> };
type Facts = {
  now: number;
  /** By project id, from the root down to the project itself. */
  lineages: ReadonlyMap<string, readonly string[]>;
  usages: readonly Usage[];
  usagesByOwner: ReadonlyMap<string, readonly Usage[]>;
  holds: readonly { id: string; state: HoldState }[];
  prices: PriceTimeline;
};

/**
 * Where budgets stand at `now`, by budget id. What a budget's project and all below it use and hold counts. The number of
 * queries does not depend on the number of budgets. `exceptHold` is left out of what is held.
 */
export async function readStandings(
  reader: Reader,
  budgets: readonly Counted[],
  now: Date,
  exceptHold?: string,
): Promise<Map<string, Standing>> {
  const roots = budgets.map(({ state }) => state.projectId);
  const projects = await reader.billingProject.findMany({ where: { lineage: { hasSome: roots } } });
  const projectIds = projects.map(({ id }) => id);
  const rows = await reader.budgetHold.findMany({ where: { projectId: { in: projectIds }, live: true } });
  const holds = rows
    .map((row: EntityRow) => toExisting<HoldState>(row))
    .filter(({ id }) => id !== exceptHold);
  const starts = [
    ...budgets.map(({ state }) => periodAt(state.period, now).from),
    ...holds.map(({ state }) => Date.parse(state.since)),
  ];
  const since = new Date(Math.min(now.getTime(), ...starts));
  const usages = await readUsageOfProjects(reader, projectIds, since);
  const facts: Facts = {
    now: now.getTime(),
    lineages: new Map(projects.map(({ id, lineage }) => [id, lineage])),
    usages,
    usagesByOwner: groupBy(usages, ({ ownerId }) => ownerId),
    holds,
    prices: await readPrices(reader),
  };
  return new Map(budgets.map((budget) => [budget.id, standingOf(budget, facts)]));
}

function standingOf({ state: budget }: Counted, facts: Facts): Standing {
  const { now, lineages, usages, usagesByOwner, holds, prices } = facts;
  const below = (projectId: string) => lineages.get(projectId)?.includes(budget.projectId) ?? false;
  const { name, from } = periodAt(budget.period, new Date(now));
  const spent = costOf(
    usages.filter(({ projectId }) => below(projectId)),
    prices,
    { from, to: now },
  );
  const held = sum(
    holds
      .filter(({ state }) => below(state.projectId))
      .map(({ state }) => {
        const used = usagesByOwner.get(state.ownerId) ?? [];
        return remaining(state, costOf(used, prices, { from: Date.parse(state.since), to: now }));
      }),
  );
  const limit = new Decimal(budget.amount);
  return { period: name, limit, spent, held, free: Decimal.max(0, limit.minus(spent).minus(held)) };
}
