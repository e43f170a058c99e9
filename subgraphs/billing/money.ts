import { Decimal as BaseDecimal } from 'decimal.js';
import type { Money } from '../../platform/graphql/values.type.js';

/** Exact decimals: precise enough that no product or quotient of ours is rounded before its ninth decimal. */
export const Decimal = BaseDecimal.clone({ precision: 60, rounding: BaseDecimal.ROUND_HALF_EVEN });
export type Decimal = BaseDecimal;

/** An installation bills in one currency, so that amounts can always be added. */
export const CURRENCY = 'USD';

/** Amounts have at most this many decimals; a cost is rounded to them half-even. */
const DECIMALS = 9;

export const ZERO = new Decimal(0);

/** Plain decimal text, never in scientific notation. */
export const toText = (amount: Decimal): string => amount.toFixed();

export const toMoney = (amount: Decimal | string): Money => ({
  amount: typeof amount === 'string' ? amount : toText(amount),
  currency: CURRENCY,
});

export const sum = (amounts: Iterable<Decimal>): Decimal => {
  let total = ZERO;
  for (const amount of amounts) total = total.plus(amount);
  return total;
};

/** An amount that is not negative as a whole number of billionths. */
export function toNanos(amount: string): bigint {
  const [whole = '', fraction = ''] = amount.split('.');
  if (fraction.length > DECIMALS) throw new Error(`${amount} has more than ${DECIMALS} decimals`);
  return BigInt(whole + fraction.padEnd(DECIMALS, '0'));
}

export const fromNanos = (nanos: bigint): Decimal => new Decimal(`${nanos}e-${DECIMALS}`);
