import type { BudgetPeriod } from '../../../contracts/billing.events.js';

const MONTHS: Readonly<Record<BudgetPeriod, number>> = { MONTH: 1, QUARTER: 3, YEAR: 12 };

/** The calendar period, in UTC, that a moment lies in: its name, and where it begins and ends. */
export function periodAt(period: BudgetPeriod, at: Date): { name: string; from: number; to: number } {
  const months = MONTHS[period];
  const year = at.getUTCFullYear();
  const first = Math.floor(at.getUTCMonth() / months) * months;
  const [from, to] = [Date.UTC(year, first), Date.UTC(year, first + months)];
  switch (period) {
    case 'MONTH':
      return { name: `${year}-${String(first + 1).padStart(2, '0')}`, from, to };
    case 'QUARTER':
      return { name: `${year}-Q${first / 3 + 1}`, from, to };
    case 'YEAR':
      return { name: String(year), from, to };
  }
}
