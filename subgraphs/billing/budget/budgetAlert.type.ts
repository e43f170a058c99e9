import { Field, Int, ObjectType, registerEnumType } from 'type-graphql';
import { Cursor, DateTime } from '../../../platform/graphql/scalars.js';
import { Budget } from './budget.type.js';

export const BudgetAlertAction = {
  WARN: 'WARN',
  BLOCK_NEW: 'BLOCK_NEW',
  RENEWAL_REFUSED: 'RENEWAL_REFUSED',
} as const;
registerEnumType(BudgetAlertAction, {
  name: 'BudgetAlertAction',
  description: 'What a budget says of itself.',
  valuesConfig: {
    WARN: { description: 'Spending has reached a threshold.' },
    BLOCK_NEW: { description: 'Spending has reached a threshold: from here on nothing new is admitted.' },
    RENEWAL_REFUSED: {
      description: 'Too little is left for the next hour of something that runs. It goes on, and costs.',
    },
  },
});

@ObjectType({ description: 'Something that happened to a budget, as a feed delivers it.' })
export class BudgetAlert {
  @Field(() => Cursor, { description: 'Pass it as `after` to go on behind this item.' })
  cursor!: string;

  @Field(() => DateTime, { description: 'When it happened.' })
  at!: string;

  @Field(() => Int, {
    nullable: true,
    description: 'The share that was spent, in percent of the amount; null where no threshold was reached.',
  })
  thresholdPercent!: number | null;

  @Field(() => BudgetAlertAction, { description: 'What happened.' })
  action!: keyof typeof BudgetAlertAction;

  @Field(() => Budget, {
    description: 'The budget as it was then; what is spent and held, and its status, are those of now.',
  })
  budget!: Budget;
}
