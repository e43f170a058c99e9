import type { Pod } from '../../../platform/kubernetes/kinds.js';

const factors: Record<string, number> = {
  n: 1e-9,
  u: 1e-6,
  m: 1e-3,
  '': 1,
  k: 1e3,
  M: 1e6,
  G: 1e9,
  T: 1e12,
  P: 1e15,
  Ki: 2 ** 10,
  Mi: 2 ** 20,
  Gi: 2 ** 30,
  Ti: 2 ** 40,
  Pi: 2 ** 50,
};

/** `500m`, `8`, `64Gi` as a number. Nothing is zero. */
export function parseAmount(quantity: string | number | undefined): number {
  if (quantity === undefined) return 0;
  const [, digits, unit = ''] = /^([0-9.]+(?:e[0-9]+)?)([A-Za-z]*)$/.exec(String(quantity)) ?? [];
  const factor = factors[unit];
  if (digits === undefined || factor === undefined) throw new RangeError(`"${quantity}" is not a quantity`);
  return Number(digits) * factor;
}

export const formatAmount = (amount: number) =>
  Number.isInteger(amount) ? String(amount) : `${Math.ceil(amount * 1000)}m`;

/** With room for the error of adding fractions. */
export const exceeds = (amount: number, limit: number) => amount > limit + 1e-6;

export function addAmounts(
  a: ReadonlyMap<string, number>,
  b: ReadonlyMap<string, number>,
): Map<string, number> {
  const sum = new Map(a);
  for (const [name, amount] of b) sum.set(name, (sum.get(name) ?? 0) + amount);
  return sum;
}

/** What all containers of a pod ask for together. */
export function podRequests({ spec }: Pod): Map<string, number> {
  return (spec?.containers ?? []).reduce((sum, { resources }) => {
    const requests = Object.entries({ ...resources?.limits, ...resources?.requests });
    return addAmounts(sum, new Map(requests.map(([name, quantity]) => [name, parseAmount(quantity)])));
  }, new Map<string, number>());
}
