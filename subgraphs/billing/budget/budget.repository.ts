import type { Transaction } from '../../../platform/database/database.js';
import { Prisma } from '../../../platform/database/generated/client.js';
import type { Existing } from '../../../platform/eventStore/aggregate.js';
import { type EntityRow, toExisting } from '../../../platform/eventStore/entityRow.js';
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

/** The same, with the database's time in the same statement; null without a budget. */
export async function readBudgetsNow(
  reader: Pick<Transaction, '$queryRaw'>,
  projectIds: readonly string[],
): Promise<{ now: Date; budgets: BudgetEntity[] } | null> {
  const rows = await reader.$queryRaw<(EntityRow & { now: Date })[]>`
    SELECT ${COLUMNS}, date_trunc('milliseconds', clock_timestamp()) AS now
    FROM billing.budget WHERE project_id = ANY(${[...projectIds]}) ORDER BY id`;
  const now = rows[0]?.now;
  return now ? { now, budgets: rows.map((row) => toExisting<BudgetState>(row)) } : null;
}

/**
 * The budgets that count for a project, its own and its ancestors', locked until the transaction ends. Whoever takes
 * money takes these locks first, in the order of ids, so that two takers never count the same money as free.
 */
export async function lockBudgetsFor(
  tx: Pick<Transaction, '$queryRaw'>,
  lineage: readonly string[],
): Promise<BudgetEntity[]> {
  const rows = await tx.$queryRaw<EntityRow[]>`
    SELECT ${COLUMNS} FROM billing.budget WHERE project_id = ANY(${[...lineage]}) ORDER BY id FOR UPDATE`;
  return rows.map((row) => toExisting<BudgetState>(row));
}

const COLUMNS = Prisma.sql`id, version, created_at AS "createdAt", created_by AS "createdBy", updated_at AS "updatedAt", state`;
