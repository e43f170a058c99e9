import { Directive, Field, Int, ObjectType, registerEnumType } from 'type-graphql';
import type { Existing } from '../../../platform/eventStore/aggregate.js';
import { CommandPayload } from '../../../platform/graphql/command.type.js';
import { entityFields, EntityType } from '../../../platform/graphql/entity.type.js';
import { Money } from '../../../platform/graphql/values.type.js';
import { toMoney } from '../money.js';
import { ProjectStub } from '../project/project.type.js';
import type { BudgetState } from './budget.js';

export const BudgetPeriodName = { MONTH: 'MONTH', QUARTER: 'QUARTER', YEAR: 'YEAR' } as const;
registerEnumType(BudgetPeriodName, {
  name: 'BudgetPeriod',
  description: 'How long a budget’s money is for. Periods are those of the calendar, in UTC.',
  valuesConfig: {
    MONTH: { description: 'From the first of a month.' },
    QUARTER: { description: 'From the first of January, April, July or October.' },
    YEAR: { description: 'From the first of January.' },
  },
});

export const BudgetStatus = { OK: 'OK', WARNING: 'WARNING', EXCEEDED: 'EXCEEDED' } as const;
registerEnumType(BudgetStatus, {
  name: 'BudgetStatus',
  description: 'How much of a budget is spent.',
  valuesConfig: {
    OK: { description: 'Less than its lowest warning threshold.' },
    WARNING: { description: 'At least its lowest warning threshold, but not all of it.' },
    EXCEEDED: { description: 'All of it or more. Nothing new is admitted; what runs goes on.' },
  },
});

export const ThresholdAction = { WARN: 'WARN', BLOCK_NEW: 'BLOCK_NEW' } as const;
registerEnumType(ThresholdAction, {
  name: 'BudgetThresholdAction',
  description: 'What happens when spending reaches a threshold.',
  valuesConfig: {
    WARN: { description: 'It is reported, once per period.' },
    BLOCK_NEW: { description: 'It is reported, once per period: from here on nothing new is admitted.' },
  },
});

@ObjectType({ description: 'A share of a budget at which something happens.' })
export class BudgetThreshold {
  @Field(() => Int, { description: 'The share that is spent, in percent of the amount.' })
  percent!: number;

  @Field(() => ThresholdAction, { description: 'What happens there.' })
  action!: keyof typeof ThresholdAction;
}

@ObjectType({
  description:
    'What a project, with all below it, may spend in each period. Nothing is admitted that would take what is spent and held over the amount.',
})
@Directive('@key(fields: "id")')
export class Budget extends EntityType {
  @Field(() => ProjectStub, { description: 'The project whose money it is.' })
  project!: ProjectStub;

  @Field(() => BudgetPeriodName, { description: 'How long its money is for.' })
  period!: keyof typeof BudgetPeriodName;

  @Field(() => Money, { description: 'What may be spent in each period.' })
  amount!: Money;

  @Field(() => [BudgetThreshold], { description: 'By rising percentage.' })
  thresholds!: BudgetThreshold[];

  /** The facts behind `spent`, `held` and `status`. */
  entity!: Existing<BudgetState>;
}

export const toBudget = (entity: Existing<BudgetState>): Budget => {
  const { projectId, period, amount, thresholds } = entity.state;
  return {
    ...entityFields(entity),
    period,
    thresholds: [...thresholds],
    entity,
    project: { id: projectId },
    amount: toMoney(amount),
  };
};

@ObjectType({ description: 'The new budget.' })
export class CreateBudgetPayload extends CommandPayload {
  @Field(() => Budget, { description: 'The budget; in a dry run as it would be.' })
  budget!: Budget;
}

@ObjectType({ description: 'The changed budget.' })
export class UpdateBudgetPayload extends CommandPayload {
  @Field(() => Budget, { description: 'The budget; in a dry run as it would be.' })
  budget!: Budget;
}
