import { ArrayMaxSize, IsOptional, Length, Matches, ValidateNested } from 'class-validator';
import { Field, ID, InputType } from 'type-graphql';
import type { ModelPrecision } from '../../../contracts/models.events.js';
import { CommandInput, CreationInput } from '../../../platform/graphql/command.type.js';
import { BigIntScalar } from '../../../platform/graphql/scalars.js';
import { ModelArchitectureInput } from './architecture.type.js';
import { DIGEST, DIGEST_RULE, ModelDatasetInput, URI, URI_RULE } from './dataset.type.js';
import { Precision } from './modelVersion.enums.js';

@InputType({ description: 'A version of a model. What is said here never changes.' })
export class CreateModelVersionInput extends CreationInput {
  @Field(() => ID, { description: 'The model.' })
  @Length(1, 200)
  modelId!: string;

  @Field(() => String, { description: 'Where its files are, for example `s3://models/llama/7`.' })
  @Length(1, 2048)
  @Matches(URI, { message: URI_RULE })
  uri!: string;

  @Field(() => String, { description: 'What its files hash to: `sha256:` and 64 lower-case hex digits.' })
  @Matches(DIGEST, { message: DIGEST_RULE })
  digest!: string;

  @Field(() => BigIntScalar, { description: 'How large its files are, in bytes; not negative.' })
  sizeBytes!: bigint;

  @Field(() => BigIntScalar, {
    nullable: true,
    description: 'How many parameters it has, those of all experts together; positive.',
  })
  parameters?: bigint | null;

  @Field(() => Precision, { nullable: true, description: 'How its parameters are stored.' })
  precision?: ModelPrecision | null;

  @Field(() => ID, { nullable: true, description: 'The job of the same project that produced it.' })
  @IsOptional()
  @Length(1, 200)
  producedByJobId?: string | null;

  @Field(() => [ModelDatasetInput], { nullable: true, description: 'What it was made from; at most 64.' })
  @IsOptional()
  @ArrayMaxSize(64)
  @ValidateNested()
  datasets?: ModelDatasetInput[] | null;

  @Field(() => String, {
    nullable: true,
    description: 'Under which licence it may be used, for example `Apache-2.0`; 1 to 200 characters.',
  })
  @IsOptional()
  @Length(1, 200)
  licence?: string | null;

  @Field(() => ModelArchitectureInput, { nullable: true, description: 'How it is built.' })
  @IsOptional()
  @ValidateNested()
  architecture?: ModelArchitectureInput | null;
}

@InputType({ description: 'Keep anything new from using a version, until it is released.' })
export class QuarantineModelVersionInput extends CommandInput {
  @Field(() => String, { description: 'Why: 1 to 1,000 characters.' })
  @Length(1, 1000)
  reason!: string;
}

@InputType({ description: 'Say that nothing new may use a version.' })
export class DeprecateModelVersionInput extends CommandInput {
  @Field(() => String, { nullable: true, description: 'Why, or what to use instead: 1 to 1,000 characters.' })
  @IsOptional()
  @Length(1, 1000)
  reason?: string | null;
}

@InputType({ description: 'A command on a version.' })
export class ModelVersionCommandInput extends CommandInput {}
