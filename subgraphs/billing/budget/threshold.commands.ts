import { randomUUID } from 'node:crypto';
import type { Commands } from '../../../platform/command/commands.js';
import { readClock } from '../../../platform/database/clock.js';
import type { Database } from '../../../platform/database/database.js';
import { toExisting } from '../../../platform/eventStore/entityRow.js';
import { systemPrincipal } from '../../../platform/identity/principal.js';
import { type BudgetState, decideCrossThresholds, nextCrossingMs } from './budget.js';
import { budgetAggregate } from './budget.projection.js';
import type { BudgetEntity } from './budget.repository.js';
import { readStandings, type Standing } from './standing.repository.js';

export const BUDGET_CHECK = 'budgetCheck';
/** One timer looks at all of them. */
export const EVERY_BUDGET = 'all';
const CHECKED_EVERY_MS = 30_000;

export type Thresholds = ReturnType<typeof createThresholds>;

/**
 * Stores each threshold that spending reaches, once per period. Spending grows with time alone, so budgets are looked at
 * by a timer: every 30 s, and when the next threshold will be reached. An ended allocation or another amount hastens it.
 */
export function createThresholds(database: Database, commands: Commands) {
  const { prisma } = database;
  const timer = { context: 'billing', name: BUDGET_CHECK, key: EVERY_BUDGET };

  return {
    /** Looks at all budgets as soon as the timers run. */
    async hasten(): Promise<void> {
      const dueAt = await readClock(prisma);
      await prisma.timer.upsert({
        where: { context_name_key: timer },
        create: { ...timer, dueAt, payload: {} },
        update: { dueAt },
      });
    },

    /** Looks at all budgets; resolves after how many milliseconds to look again: when the next threshold will be reached. */
    async check(): Promise<number> {
      let againMs = CHECKED_EVERY_MS;
      const budgets = (await prisma.budget.findMany()).map((row) => toExisting<BudgetState>(row));
      const standings = await readStandings(prisma, budgets, await readClock(prisma));
      for (const budget of budgets) {
        const standing = standings.get(budget.id);
        if (!standing) continue;
        if (decideCrossThresholds(budget.id, budget.state, standing).length > 0)
          await storeCrossings(commands, budget, standing);
        againMs = Math.min(againMs, nextCrossingMs(budget.state, standing));
      }
      return againMs;
    },
  };
}

async function storeCrossings(commands: Commands, { id }: BudgetEntity, standing: Standing): Promise<void> {
  const requestId = randomUUID();
  const request = {
    name: 'crossThresholds',
    principal: systemPrincipal('billing-budgets'),
    requestId,
    correlationId: requestId,
    idempotencyKey: null,
    input: null,
  };
  await commands.execute(request, async (unit) => {
    const budget = await unit.load(budgetAggregate, id);
    const { state } = budget;
    if (!state) throw new Error(`Budget ${id} has a row and no stream`);
    const crossings = decideCrossThresholds(id, state, standing);
    await unit.save(budgetAggregate, budget, crossings, state.projectId);
    return null;
  });
}
