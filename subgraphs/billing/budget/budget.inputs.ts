import { ArrayMaxSize, ArrayNotEmpty, Max, Min, ValidateIf, ValidateNested } from 'class-validator';
import { Field, ID, InputType, Int } from 'type-graphql';
import { CommandInput, CreationInput } from '../../../platform/graphql/command.type.js';
import { MoneyInput } from '../money.inputs.js';
import { BudgetPeriodName, ThresholdAction } from './budget.type.js';

@InputType({ description: 'A share of a budget at which something happens.' })
export class BudgetThresholdInput {
  @Field(() => Int, { description: 'The share that is spent, in percent of the amount: 1 to 1000.' })
  @Min(1)
  @Max(1000)
  percent!: number;

  @Field(() => ThresholdAction, { description: 'What happens there.' })
  action!: keyof typeof ThresholdAction;
}

@InputType({ description: 'What a project may spend.' })
export class CreateBudgetInput extends CreationInput {
  @Field(() => ID, { description: 'The project whose money it is.' })
  projectId!: string;

  @Field(() => BudgetPeriodName, {
    description: 'How long the money is for. One budget per project and period.',
  })
  period!: keyof typeof BudgetPeriodName;

  @Field(() => MoneyInput, { description: 'What may be spent in each period.' })
  @ValidateNested()
  amount!: MoneyInput;

  @Field(() => [BudgetThresholdInput], {
    nullable: true,
    description:
      'At most 10, each percentage once; left out: warnings at 50, 80 and 90, nothing new from 100 on.',
  })
  @ValidateIf(({ thresholds }: CreateBudgetInput) => thresholds != null)
  @ArrayNotEmpty()
  @ArrayMaxSize(10)
  @ValidateNested({ each: true })
  thresholds?: BudgetThresholdInput[] | null;
}

@InputType({ description: 'Another amount for a budget.' })
export class UpdateBudgetInput extends CommandInput {
  @Field(() => MoneyInput, { description: 'What may be spent in each period, from the current one on.' })
  @ValidateNested()
  amount!: MoneyInput;
}
