import { IsOptional, Length, Max, Min, ValidateNested } from 'class-validator';
import { Field, ID, InputType, Int } from 'type-graphql';
import type { ModelPrecision } from '../../../contracts/models.events.js';
import { BigIntScalar } from '../../../platform/graphql/scalars.js';
import { Precision } from '../modelVersion/modelVersion.enums.js';
import { ModelArchitectureInput } from '../modelVersion/architecture.type.js';
import { VramModeName } from './vram.enums.js';
import type { VramMode } from './vram.js';

@InputType({
  description:
    'A model to estimate the memory of: a version, whose facts count where you say nothing else, or what you say of one that is not registered.',
})
export class EstimateVramInput {
  @Field(() => ID, { nullable: true, description: 'A version.' })
  @IsOptional()
  @Length(1, 200)
  modelVersionId?: string | null;

  @Field(() => BigIntScalar, {
    nullable: true,
    description: 'How many parameters it has, those of all experts together: 1 to 100 trillion.',
  })
  parameters?: bigint | null;

  @Field(() => ModelArchitectureInput, {
    nullable: true,
    description: 'How it is built. Where neither you nor the version say, a factor is used.',
  })
  @IsOptional()
  @ValidateNested()
  architecture?: ModelArchitectureInput | null;

  @Field(() => Precision, {
    nullable: true,
    description: 'How its parameters are held; without a word of yours or of the version, BF16.',
  })
  precision?: ModelPrecision | null;

  @Field(() => Int, { defaultValue: 4096, description: 'Tokens of each sequence, 1 to 100 million.' })
  @Min(1)
  @Max(100_000_000)
  contextTokens!: number;

  @Field(() => Int, { defaultValue: 1, description: 'Sequences at the same time, 1 to 100,000.' })
  @Min(1)
  @Max(100_000)
  concurrency!: number;

  @Field(() => VramModeName, { defaultValue: 'INFERENCE', description: 'What it is to be used for.' })
  mode!: VramMode;
}
