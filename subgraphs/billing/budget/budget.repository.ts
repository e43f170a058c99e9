import type { Transaction } from '../../../platform/database/database.js';
import type { Existing } from '../../../platform/eventStore/aggregate.js';
import { toExisting } from '../../../platform/eventStore/entityRow.js';
import type { BudgetState } from './budget.js';

export type BudgetEntity = Existing<BudgetState>;

type Reader = Pick<Transaction, 'budget'>;

export async function readBudgets(reader: Reader, ids: readonly string[]): Promise<BudgetEntity[]> {
  const rows = await reader.budget.findMany({ where: { id: { in: [...ids] } }, orderBy: { id: 'asc' } });
  return rows.map((row) => toExisting<BudgetState>(row));
}

/** Oldest first. */
export async function readBudgetsOfProjects(
  reader: Reader,
  projectIds: readonly string[],
): Promise<BudgetEntity[]> {
  const rows = await reader.budget.findMany({
    where: { projectId: { in: [...projectIds] } },
    orderBy: { id: 'asc' },
  });
  return rows.map((row) => toExisting<BudgetState>(row));
}

/**
 * The budgets that count for a project, its own and its ancestors', locked until the transaction ends. Whoever takes
 * money takes these locks first, in the order of ids, so that two takers never count the same money as free.
 */
export async function lockBudgetsFor(tx: Transaction, lineage: readonly string[]): Promise<BudgetEntity[]> {
  const locked = await tx.$queryRaw<{ id: string }[]>`
    SELECT id FROM billing.budget WHERE project_id = ANY(${[...lineage]}) ORDER BY id FOR UPDATE`;
  return readBudgets(
    tx,
    locked.map(({ id }) => id),
  );
}
