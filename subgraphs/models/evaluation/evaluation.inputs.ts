import { ArrayMaxSize, ArrayMinSize, IsOptional, Length, ValidateNested } from 'class-validator';
import { Field, ID, InputType } from 'type-graphql';
import { CreationInput } from '../../../platform/graphql/command.type.js';
import { Decimal } from '../../../platform/graphql/scalars.js';
import { ModelDatasetInput } from '../modelVersion/dataset.type.js';

@InputType({ description: 'A number that an evaluation came to.' })
export class EvaluationMetricInput {
  @Field(() => String, { description: 'What was measured, unique in its list: 1 to 200 characters.' })
  @Length(1, 200)
  name!: string;

  @Field(() => Decimal, { description: 'What it came to.' })
  value!: string;
}

@InputType({ description: 'How a version did in a suite of tests.' })
export class RecordEvaluationInput extends CreationInput {
  @Field(() => ID, { description: 'The version.' })
  @Length(1, 200)
  modelVersionId!: string;

  @Field(() => String, { description: 'The suite, for example `mmlu-2026`: 1 to 200 characters.' })
  @Length(1, 200)
  suite!: string;

  @Field(() => [EvaluationMetricInput], { description: 'What was measured: 1 to 100 numbers.' })
  @ArrayMinSize(1)
  @ArrayMaxSize(100)
  @ValidateNested()
  metrics!: EvaluationMetricInput[];

  @Field(() => Boolean, { description: 'Whether the version passed.' })
  passed!: boolean;

  @Field(() => ModelDatasetInput, { nullable: true, description: 'The data that it was judged by.' })
  @IsOptional()
  @ValidateNested()
  dataset?: ModelDatasetInput | null;
}
