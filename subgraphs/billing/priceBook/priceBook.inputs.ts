import { ArrayMaxSize, ArrayNotEmpty, Length, Matches, ValidateNested } from 'class-validator';
import { Field, ID, InputType } from 'type-graphql';
import { CommandInput, CreationInput } from '../../../platform/graphql/command.type.js';
import { DateTime, Decimal } from '../../../platform/graphql/scalars.js';
import { CURRENCY } from '../money.js';
import { AMOUNT, AMOUNT_MESSAGE } from '../money.inputs.js';

const NAME = /^[a-z0-9]([a-z0-9.-]{0,61}[a-z0-9])?$/;

@InputType({ description: 'What one model of GPU costs.' })
export class GpuRateInput {
  @Field(() => ID, { description: 'The model’s id in the catalogue, for example `h100-sxm5-80gb`.' })
  @Length(1, 200)
  gpuModelId!: string;

  @Field(() => Decimal, { description: 'The price of one whole device for one hour.' })
  @Matches(AMOUNT, { message: AMOUNT_MESSAGE })
  perHour!: string;
}

@InputType({ description: 'A new version of the prices, as a draft.' })
export class CreatePriceBookInput extends CreationInput {
  @Field(() => String, {
    description: 'Unique: 1 to 63 lower-case letters, digits, hyphens and dots, for example `list-2027-01`.',
  })
  @Matches(NAME, { message: 'must be 1 to 63 lower-case letters, digits, hyphens and dots' })
  name!: string;

  @Field(() => String, {
    defaultValue: CURRENCY,
    description: 'ISO 4217 code; the currency that this installation bills in.',
  })
  @Length(3, 3)
  currency!: string;

  @Field(() => DateTime, {
    nullable: true,
    description:
      'The time from which it is to count; left out, from its activation. It never counts before that.',
  })
  effectiveFrom?: Date | null;

  @Field(() => String, { description: 'Where the prices come from, 1 to 500 characters.' })
  @Length(1, 500)
  source!: string;

  @Field(() => Boolean, {
    defaultValue: false,
    description: 'Whether the prices are an example, and nobody’s quote.',
  })
  isExample!: boolean;

  @Field(() => [GpuRateInput], { description: 'The prices, each model once, at most 500.' })
  @ArrayNotEmpty()
  @ArrayMaxSize(500)
  @ValidateNested({ each: true })
  rates!: GpuRateInput[];
}

@InputType({ description: 'Which price book is to count.' })
export class ActivatePriceBookInput extends CommandInput {}
