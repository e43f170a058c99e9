import type { BudgetStatus } from '../../../contracts/calls.js';
import type { Unit } from '../../../platform/command/unit.js';
import type { Transaction } from '../../../platform/database/database.js';
import { CURRENCY, type Decimal, toText } from '../money.js';
import { lockBudgetsFor, readBudgetsNow } from './budget.repository.js';
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
 * The budgets stay locked until the unit commits, so that the answer holds for what it goes on to store. `renewed` names
 * the hold that the amount takes the place of: what runs may go on where nothing new is admitted.
 */
export async function findShortage(
  unit: Unit,
  request: { lineage: readonly string[]; need: Decimal; renewed?: string },
): Promise<Shortage | null> {
  const { lineage, need, renewed } = request;
  const budgets = await lockBudgetsFor(unit.tx, lineage);
  const standings = await readStandings(unit.tx, budgets, unit.now, renewed);
  const tightest = findTightest(standings, renewed === undefined ? 'freeForNew' : 'free');
  if (!tightest || need.lte(tightest.free)) return null;
  return { ...toTexts(tightest), need: toText(need), free: toText(tightest.free) };
}

/** The budget with the least free money for something new in the project; null when none counts. */
export async function readTightest(
  reader: Transaction,
  lineage: readonly string[],
): Promise<BudgetStatus | null> {
  const counting = await readBudgetsNow(reader, lineage);
  if (!counting) return null;
  const standings = await readStandings(reader, counting.budgets, counting.now);
  const tightest = findTightest(standings, 'freeForNew');
  if (!tightest) return null;
  return { ...toTexts(tightest), ...(tightest.standing.blocked && { blocked: true }) };
}

type Tightest = { budgetId: string; standing: Standing; free: Decimal };

function findTightest(
  standings: ReadonlyMap<string, Standing>,
  which: 'free' | 'freeForNew',
): Tightest | null {
  const all = [...standings].map(([budgetId, standing]) => ({ budgetId, standing, free: standing[which] }));
  return all.sort((a, b) => a.free.cmp(b.free))[0] ?? null;
}

const toTexts = ({ budgetId, standing: { limit, spent, held } }: Tightest) => ({
  budgetId,
  limit: toText(limit),
  spent: toText(spent),
  held: toText(held),
  currency: CURRENCY,
});
