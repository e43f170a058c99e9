import { compare, divided, minus, times } from '../../contracts/decimal.js';

/** As the API shows it: a decimal in text. */
export type Money = { amount: string; currency: string };

export type Interval = { from: string; to: string | null };

const HOUR_MS = 3_600_000;
const DECIMALS = 9;

/** Milliseconds × rate ÷ 3,600,000, half-even to 9 decimals for each allocation of one GPU, which all have ended. */
export const costOf = (allocations: readonly Interval[], ratePerHour: string): string =>
  sum(allocations.map((interval) => divided(times(ratePerHour, lengthMs(interval)), HOUR_MS, DECIMALS)));

const lengthMs = ({ from, to }: Interval): number => Date.parse(to ?? '') - Date.parse(from);

export const sum = (amounts: readonly string[]): string =>
  amounts.reduce((total, amount) => minus(total, minus('0', amount)), '0');

export const isMore = (left: string, right: string): boolean => compare(left, right) > 0;

/** For people: at most six decimals, and no more than it has. */
export function shown({ amount, currency }: Money): string {
  const [whole = '0', fraction = ''] = amount.split('.');
  const decimals = fraction.slice(0, 6).padEnd(2, '0');
  return `${whole}.${decimals} ${currency}`;
}
