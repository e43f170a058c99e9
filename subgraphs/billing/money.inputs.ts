import { Length, Matches } from 'class-validator';
import { Field, InputType } from 'type-graphql';
import { badUserInput } from '../../platform/errors.js';
import { Decimal } from '../../platform/graphql/scalars.js';
import { CURRENCY } from './money.js';

/** Not negative, below a trillion, at most nine decimals: what costs are computed with. */
export const AMOUNT = /^\d{1,12}(\.\d{1,9})?$/;
export const AMOUNT_MESSAGE = 'must be a decimal number from 0 on with at most 12 digits and 9 decimals';

@InputType({ description: 'An amount of money.' })
export class MoneyInput {
  @Field(() => Decimal, { description: 'The amount, for example `"5000"` or `"2.99"`.' })
  @Matches(AMOUNT, { message: AMOUNT_MESSAGE })
  amount!: string;

  @Field(() => String, { description: 'ISO 4217 code; the currency that this installation bills in.' })
  @Length(3, 3)
  currency!: string;
}

/** The amount as decimal text, in the currency of the installation. */
export function readAmount({ amount, currency }: MoneyInput): string {
  if (currency !== CURRENCY)
    throw badUserInput([{ path: ['input', 'amount', 'currency'], message: `must be ${CURRENCY}` }]);
  return amount;
}
