import { Field, ObjectType } from 'type-graphql';
import { DateTime } from '../../../platform/graphql/scalars.js';
import { Money } from '../../../platform/graphql/values.type.js';

@ObjectType({ description: 'What something has cost at one moment.' })
export class CostTick {
  @Field(() => DateTime, { description: 'The moment.' })
  at!: Date;

  @Field(() => Money, { description: 'What it had cost by then, from its beginning.' })
  accrued!: Money;

  @Field(() => Money, { description: 'What it cost per hour then.' })
  ratePerHour!: Money;
}
