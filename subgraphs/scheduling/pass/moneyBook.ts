import type { BudgetStatus } from '../../../contracts/calls.js';
import { compare, minus } from '../../../contracts/decimal.js';
import { costFor } from '../../../contracts/plan.js';
import type { CheckRule, RuleSet } from './checks.js';

export type PriceBook = {
  currency: string;
  rates: Readonly<Record<string, string>>;
  /** Milliseconds since 1970; null as long as nobody activated it. */
  inForceFrom: number | null;
};

/** The money that a reservation was refused for. */
export type Shortage = { need: string; free: string; currency: string; budgetId: string | null };

/**
 * Prices, and what is left of budgets as billing said last. Nobody waits here for billing: a budget that was not asked for
 * yet lets everything through, since reserving the money has the last word.
 */
export function createMoneyBook(options: {
  lineageOf: (projectId: string) => readonly string[];
  onChange: (topic: string) => void;
}) {
  const { lineageOf, onChange } = options;
  const books = new Map<string, PriceBook>();
  const budgetsOf = new Map<string, string[]>();
  const holds = new Map<string, string>();
  /** By the budgets that count, since all projects with the same ones have the same money left. */
  const statuses = new Map<string, BudgetStatus>();
  const stale = new Set<string>();
  const interested = new Set<string>();
  const chains = new Map<string, string>();
  let prices: PriceBook | null = null;

  const budgetsFor = (projectId: string): string[] =>
    lineageOf(projectId).flatMap((id) => budgetsOf.get(id) ?? []);
  function chainOf(projectId: string): string {
    const known = chains.get(projectId) ?? budgetsFor(projectId).join(' ');
    chains.set(projectId, known);
    return known;
  }

  /** Tells those whose money one of the budgets is part of; all, if it is not known which. */
  function touch(budgetIds: readonly string[] | null): void {
    for (const projectId of interested) {
      const own = budgetsFor(projectId);
      const concerned = budgetIds === null || own.some((id) => budgetIds.includes(id));
      if (concerned && own.length > 0) stale.add(own.join(' '));
    }
  }

  function set(chain: string, status: BudgetStatus | null): void {
    if (status) statuses.set(chain, status);
    else statuses.delete(chain);
    for (const projectId of interested) if (chainOf(projectId) === chain) onChange(topicOf(projectId));
  }

  function needOf(gpuModelId: string, count: number, seconds: number): string | null {
    const rate = prices?.rates[gpuModelId];
    return rate === undefined ? null : costFor(rate, count, seconds);
  }

  return {
    addPriceBook: (id: string, book: PriceBook): void => void books.set(id, book),
    activate(id: string, inForceFrom: number): void {
      const book = books.get(id);
      if (book) books.set(id, { ...book, inForceFrom });
    },

    /** Makes the book count that is in force by now. */
    tick(now: number): void {
      const inForce = [...books.entries()].filter(
        ([, { inForceFrom }]) => inForceFrom !== null && inForceFrom <= now,
      );
      inForce.sort(
        ([a, { inForceFrom: x }], [b, { inForceFrom: y }]) => (y ?? 0) - (x ?? 0) || (a < b ? 1 : -1),
      );
      const latest = inForce[0]?.[1] ?? null;
      if (latest === prices) return;
      prices = latest;
      onChange(PRICES);
    },

    /** Other budgets may count for projects than before. */
    treeChanged: (): void => chains.clear(),
    addBudget(budgetId: string, projectId: string): void {
      const own = budgetsOf.get(projectId) ?? [];
      if (!own.includes(budgetId)) budgetsOf.set(projectId, [...own, budgetId]);
      chains.clear();
      touch([budgetId]);
    },
    budgetChanged: (budgetId: string): void => touch([budgetId]),
    holdPlaced(holdId: string, projectId: string): void {
      holds.set(holdId, projectId);
      touch(budgetsFor(projectId));
    },
    /** Of a hold that was placed before anybody looked it is not known whose money it was. */
    holdChanged(holdId: string, isReleased: boolean): void {
      const projectId = holds.get(holdId);
      if (isReleased) holds.delete(holdId);
      touch(projectId === undefined ? null : budgetsFor(projectId));
    },

    /** Billing refused the money for it: nobody with the same budgets tries again until billing says otherwise. */
    refused(projectId: string, { need, free, currency, budgetId }: Shortage): void {
      const nothing = { spent: '0', held: '0' };
      const blocked = compare(free, need) >= 0;
      set(chainOf(projectId), {
        ...nothing,
        ...{ limit: free, currency, budgetId: budgetId ?? '' },
        ...(blocked && { blocked }),
      });
    },

    /** A project's jobs wait now, or do not any more: billing is asked about those that do. */
    interest(projectId: string, waits: boolean): void {
      if (!waits) return void interested.delete(projectId);
      if (interested.has(projectId)) return;
      interested.add(projectId);
      const chain = chainOf(projectId);
      if (chain !== '') stale.add(chain);
    },

    /** What has to be asked of billing: a project for each set of budgets that may have changed. */
    takeStale(): { chain: string; projectId: string }[] {
      const asked = new Map<string, string>();
      for (const projectId of interested) {
        const chain = chainOf(projectId);
        if (stale.has(chain)) asked.set(chain, projectId);
      }
      stale.clear();
      return [...asked].map(([chain, projectId]) => ({ chain, projectId }));
    },
    /** Spending goes on without an event: everything that waits is to be asked again. */
    touchAll: (): void => touch(null),
    set,

    rule(projectId: string, gpuModelId: string, count: number, seconds: number): RuleSet {
      let reckoned: { by: PriceBook | null; need: string | null } | null = null;
      const needNow = () => {
        if (reckoned?.by !== prices) reckoned = { by: prices, need: needOf(gpuModelId, count, seconds) };
        return reckoned?.need ?? null;
      };
      const money = () => {
        const status = statuses.get(chainOf(projectId));
        const need = status ? needNow() : null;
        if (need === null || !status) return null;
        const left = minus(minus(status.limit, status.spent), status.held);
        return { need, status, left: compare(left, '0') < 0 ? '0' : left };
      };
      const rule = (): CheckRule => ({
        subject: `BUDGET ${projectId} ${gpuModelId}`,
        topics: [topicOf(projectId), PRICES],
        look() {
          const known = money();
          if (!known) return null;
          return known.status.blocked || compare(known.left, known.need) < 0 ? 'BUDGET' : null;
        },
        numbers: () => ({ need: needNow(), free: money()?.left ?? null }),
        describe() {
          const known = money();
          const id = known?.status.budgetId ?? '';
          return {
            unit: known?.status.currency ?? prices?.currency ?? null,
            ref: id === '' ? null : { type: 'Budget', id },
            action: known?.status.blocked
              ? 'Ask for a larger budget, or wait for its next period: it admits nothing new in this one.'
              : 'Ask for a larger budget, wait until money is given back, or ask for less time or fewer GPUs.',
          };
        },
      });
      const key = `BUDGET ${projectId} ${gpuModelId} ${count} ${seconds}`;
      return [key, () => [[key, rule]]];
    },
  };
}

const PRICES = 'prices';
const topicOf = (projectId: string): string => `money ${projectId}`;
