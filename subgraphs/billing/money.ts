import { Decimal as BaseDecimal } from 'decimal.js';
import type { Money } from '../../platform/graphql/values.type.js';

/** Exact decimals: precise enough that no product or quotient of ours is rounded before its ninth decimal. */
export const Decimal = BaseDecimal.clone({ precision: 60, rounding: BaseDecimal.ROUND_HALF_EVEN });
export type Decimal = BaseDecimal;

/** An installation bills in one currency, so that amounts can always be added. */
export const CURRENCY = 'USD';

/** Amounts have at most this many decimals; a cost is rounded to them half-even. */
export const DECIMALS = 9;

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
