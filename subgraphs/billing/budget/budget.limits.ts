import type { Unit } from '../../../platform/command/unit.js';
import type { Transaction } from '../../../platform/database/database.js';
import { CURRENCY, type Decimal, toText } from '../money.js';
import { lockBudgetsFor, readBudgetsOfProjects } from './budget.repository.js';
import { readStandings, type Standing } from './standing.repository.js';

/** What is missing where money does not suffice, for a refusal's details. */
export type Shortage = {
  budgetId: string;
  need: string;
  free: string;
  limit: string;
  spent: string;
  held: string;
  currency: string;
};

/**
 * Whether an amount fits every budget that counts for the project; null when it does, else the shortage of the tightest.
 * The budgets stay locked until the unit commits, so that the answer holds for what it goes on to store.
 */
export async function findShortage(
  unit: Unit,
  request: { lineage: readonly string[]; need: Decimal; exceptHold?: string },
): Promise<Shortage | null> {
  const { lineage, need, exceptHold } = request;
  const budgets = await lockBudgetsFor(unit.tx, lineage);
  const tightest = findTightest(await readStandings(unit.tx, budgets, unit.now, exceptHold));
  if (!tightest || need.lte(tightest.standing.free)) return null;
  return { ...toTexts(tightest), need: toText(need), free: toText(tightest.standing.free) };
}

/** The budget with the least free money that counts for the project; null when there is none. */
export async function readTightest(
  reader: Transaction,
  lineage: readonly string[],
  now: Date,
): Promise<ReturnType<typeof toTexts> | null> {
  const budgets = await readBudgetsOfProjects(reader, lineage);
  const tightest = findTightest(await readStandings(reader, budgets, now));
  return tightest && toTexts(tightest);
}

type Tightest = { budgetId: string; standing: Standing };

function findTightest(standings: ReadonlyMap<string, Standing>): Tightest | null {
  const byFree = [...standings].sort(([, a], [, b]) => a.free.cmp(b.free));
  return byFree[0] ? { budgetId: byFree[0][0], standing: byFree[0][1] } : null;
}

const toTexts = ({ budgetId, standing: { limit, spent, held } }: Tightest) => ({
  budgetId,
  limit: toText(limit),
  spent: toText(spent),
  held: toText(held),
  currency: CURRENCY,
});
