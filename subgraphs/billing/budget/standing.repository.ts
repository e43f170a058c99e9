import type { Transaction } from '../../../platform/database/database.js';
import { groupBy } from '../groupBy.js';
import { type HoldState, remaining } from '../hold/hold.js';
import { Decimal, sum, ZERO } from '../money.js';
import { costOf, type PriceTimeline, type Usage } from '../usage/rating.js';
import { readPrices, toUsage, type UsageRow } from '../usage/usage.repository.js';
import { blocksNew, type BudgetState, type Limit } from './budget.js';
import { periodAt } from './period.js';

/** Where a budget stands in its current period. What is free is never negative. */
export type Standing = {
  period: string;
  limit: Decimal;
  spent: Decimal;
  held: Decimal;
  /** What the renewal of a hold may take. */
  free: Decimal;
  /** What a new hold may take: nothing once spending has reached a threshold that blocks. */
  freeForNew: Decimal;
  blocked: boolean;
};

type Reader = Pick<Transaction, '$queryRaw' | 'priceBook'>;
type Counted = { id: string; state: Limit & Pick<BudgetState, 'projectId' | 'period'> };
/** The projects above the one that used or holds something, from the root down to itself. */
type Placed<Thing> = Thing & { lineage: readonly string[] };
type Hold = Placed<{ id: string; state: HoldState }>;
type Facts = {
  now: number;
  usages: readonly Placed<Usage>[];
  usagesByOwner: ReadonlyMap<string, readonly Usage[]>;
  holds: readonly Hold[];
  prices: PriceTimeline;
};

/**
 * Where budgets stand at `now`, by budget id. What a budget's project and all below it use and hold counts. The number of
 * queries does not depend on the number of budgets; without any there is none. `exceptHold` is left out of what is held.
 */
export async function readStandings(
  reader: Reader,
  budgets: readonly Counted[],
  now: Date,
  exceptHold?: string,
): Promise<Map<string, Standing>> {
  if (budgets.length === 0) return new Map();
  const roots = budgets.map(({ state }) => state.projectId);
  const live = await readLiveHolds(reader, roots);
  const holds = live.filter(({ id }) => id !== exceptHold);
  const starts = [
    ...budgets.map(({ state }) => periodAt(state.period, now).from),
    ...holds.map(({ state }) => Date.parse(state.since)),
  ];
  const usages = await readUsageBelow(reader, roots, new Date(Math.min(now.getTime(), ...starts)));
  const usagesByOwner = groupBy(usages, ({ ownerId }) => ownerId);
  const facts: Facts = { now: now.getTime(), usages, usagesByOwner, holds, prices: await readPrices(reader) };
  return new Map(budgets.map((budget) => [budget.id, standingOf(budget, facts)]));
}

const readLiveHolds = (reader: Reader, roots: readonly string[]): Promise<Hold[]> =>
  reader.$queryRaw<Hold[]>`
    SELECT hold.id, hold.state, project.lineage
    FROM billing.budget_hold AS hold JOIN billing.project ON project.id = hold.project_id
    WHERE hold.live AND project.lineage && ${[...roots]}`;

/** What was used at any moment from `since` on. */
async function readUsageBelow(
  reader: Reader,
  roots: readonly string[],
  since: Date,
): Promise<Placed<Usage>[]> {
  const rows = await reader.$queryRaw<Placed<UsageRow>[]>`
    SELECT usage.allocation_id AS "allocationId", usage.owner_id AS "ownerId", usage.owner_kind AS "ownerKind",
      usage.project_id AS "projectId", usage.gpu_model_id AS "gpuModelId", usage.basis_points AS "basisPoints",
      usage."from", usage."to", project.lineage
    FROM billing.usage JOIN billing.project ON project.id = usage.project_id
    WHERE project.lineage && ${[...roots]} AND (usage."to" IS NULL OR usage."to" > ${since})`;
  return rows.map(({ lineage, ...row }) => ({ ...toUsage(row), lineage }));
}

function standingOf({ state: budget }: Counted, facts: Facts): Standing {
  const { now, usages, usagesByOwner, holds, prices } = facts;
  const isBelow = ({ lineage }: Placed<object>) => lineage.includes(budget.projectId);
  const { name, from } = periodAt(budget.period, new Date(now));
  const spent = costOf(usages.filter(isBelow), prices, { from, to: now });
  const held = sum(
    holds.filter(isBelow).map(({ state }) => {
      const used = usagesByOwner.get(state.ownerId) ?? [];
      return remaining(state, costOf(used, prices, { from: Date.parse(state.since), to: now }));
    }),
  );
  const limit = new Decimal(budget.amount);
  const free = Decimal.max(ZERO, limit.minus(spent).minus(held));
  const blocked = blocksNew(budget, spent);
  return { period: name, limit, spent, held, free, freeForNew: blocked ? ZERO : free, blocked };
}
