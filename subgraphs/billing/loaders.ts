import DataLoader from 'dataloader';
import type { PrismaClient } from '../../platform/database/generated/client.js';
import { type BudgetEntity, readBudgets, readBudgetsOfProjects } from './budget/budget.repository.js';
import { readStandings, type Standing } from './budget/standing.repository.js';
import { readOwners } from './cost/owner.repository.js';
import { groupBy } from './groupBy.js';
import { type PriceBookEntity, readPriceBooksByIds } from './priceBook/priceBook.repository.js';
import type { Usage } from './usage/rating.js';
import { readUsageOfOwners } from './usage/usage.repository.js';
import type { OwnerFacts } from './visibility.js';

export type Reader = Pick<
  PrismaClient,
  'priceBook' | 'budget' | 'billingProject' | 'usage' | 'trainedVersion' | '$queryRaw'
>;

export type Loaders = ReturnType<typeof createLoaders>;

/**
 * One set per request: they remember, and what a caller may see must not outlive the caller. Whoever made something sees
 * what it costs, whatever they may see of its project: that is read as the system, and `visibleOwner` decides.
 */
export function createLoaders(options: { reader: Reader; system: Reader; now: () => Promise<Date> }) {
  const { reader, system, now } = options;
  return {
    /** Whether billing knows the project. */
    project: new DataLoader<string, boolean>(async (ids) => {
      const rows = await reader.billingProject.findMany({ where: { id: { in: [...ids] } } });
      const known = new Set(rows.map(({ id }) => id));
      return ids.map((id) => known.has(id));
    }),

    priceBook: new DataLoader<string, PriceBookEntity | null>(async (ids) => {
      const byId = new Map((await readPriceBooksByIds(reader, ids)).map((book) => [book.id, book]));
      return ids.map((id) => byId.get(id) ?? null);
    }),

    budget: new DataLoader<string, BudgetEntity | null>(async (ids) => {
      const byId = new Map((await readBudgets(reader, ids)).map((budget) => [budget.id, budget]));
      return ids.map((id) => byId.get(id) ?? null);
    }),

    budgetsOfProject: new DataLoader<string, BudgetEntity[]>(async (projectIds) => {
      const budgets = await readBudgetsOfProjects(reader, projectIds);
      const byProject = groupBy(budgets, ({ state }) => state.projectId);
      return projectIds.map((id) => byProject.get(id) ?? []);
    }),

    standing: new DataLoader<BudgetEntity, Standing, string>(
      async (budgets) => {
        const byId = await readStandings(reader, budgets, await now());
        return budgets.map(({ id }) => byId.get(id) ?? new Error(`Budget ${id} stands nowhere`));
      },
      { cacheKeyFn: ({ id }) => id },
    ),

    /** Whose something is that costs money. A hold tells it before its owner's events have been read. */
    owner: new DataLoader<string, OwnerFacts | null>(async (ids) => {
      const byId = new Map((await readOwners(system, ids)).map((owner) => [owner.id, owner]));
      return ids.map((id) => byId.get(id) ?? null);
    }),

    /** The job that made a version of a model. */
    trainingJob: new DataLoader<string, string | null>(async (ids) => {
      const rows = await reader.trainedVersion.findMany({ where: { id: { in: [...ids] } } });
      const byId = new Map(rows.map(({ id, jobId }) => [id, jobId]));
      return ids.map((id) => byId.get(id) ?? null);
    }),

    usageOfOwner: new DataLoader<string, Usage[]>(async (ownerIds) => {
      const byOwner = groupBy(await readUsageOfOwners(system, ownerIds), ({ ownerId }) => ownerId);
      return ownerIds.map((id) => byOwner.get(id) ?? []);
    }),
  };
}
