import {
  ArrayMaxSize,
  ArrayMinSize,
  IsOptional,
  Length,
  Matches,
  Max,
  MaxLength,
  Min,
  ValidateNested,
} from 'class-validator';
import { Field, ID, InputType, Int } from 'type-graphql';
import { CommandInput, CreationInput } from '../../../platform/graphql/command.type.js';
import { IMAGE } from '../../../platform/graphql/pod.type.js';

const REPLICAS_MAX = 64;

@InputType({ description: 'GPUs that are asked for: all of one model, on one node.' })
export class GpuRequestInput {
  @Field(() => [ID], {
    description: 'Models by catalogue id, first choice first. The first that fits is taken.',
  })
  @ArrayMinSize(1)
  @ArrayMaxSize(16)
  modelIn!: string[];

  @Field(() => Int, { description: 'How many, 1 to 64.' })
  @Min(1)
  @Max(64)
  count!: number;
}

@InputType({ description: 'How many replicas serve.' })
export class ReplicasInput {
  @Field(() => Int, { description: 'At least so many, 1 to 64. It is admitted with these.' })
  @Min(1)
  @Max(REPLICAS_MAX)
  min!: number;

  @Field(() => Int, { description: 'At most so many, 1 to 64, not fewer than `min`.' })
  @Min(1)
  @Max(REPLICAS_MAX)
  max!: number;
}

@InputType({ description: 'A version of a model that is to be served.' })
export class CreateDeploymentInput extends CreationInput {
  @Field(() => ID, { description: 'The project that it will belong to: that of the version.' })
  @Length(1, 200)
  projectId!: string;

  @Field(() => ID, { description: 'The version.' })
  @Length(1, 200)
  modelVersionId!: string;

  @Field(() => String, { description: 'Its name for people, 1 to 200 characters.' })
  @Length(1, 200)
  name!: string;

  @Field(() => String, { description: 'The container image that serves the model.' })
  @Length(1, 512)
  @Matches(IMAGE, { message: 'must not contain white space' })
  image!: string;

  @Field(() => Int, {
    nullable: true,
    defaultValue: 8080,
    description: 'The port that the container listens on.',
  })
  @IsOptional()
  @Min(1)
  @Max(65_535)
  port?: number | null;

  @Field(() => GpuRequestInput, { description: 'The GPUs of each replica.' })
  @ValidateNested()
  gpu!: GpuRequestInput;

  @Field(() => ReplicasInput, { nullable: true, description: 'How many replicas; left out, one.' })
  @IsOptional()
  @ValidateNested()
  replicas?: ReplicasInput | null;

  @Field(() => String, {
    nullable: true,
    description:
      'The `planHash` of the plan that you agreed to. If it would plan otherwise now: `PLAN_STALE`.',
  })
  @IsOptional()
  @MaxLength(64)
  planHash?: string | null;
}

@InputType({ description: 'A command on a deployment.' })
export class DeploymentCommandInput extends CommandInput {}

@InputType({ description: 'The part of the requests that goes to one version.' })
export class TrafficWeightInput {
  @Field(() => ID, { description: "A version of the deployment's model." })
  @Length(1, 200)
  modelVersionId!: string;

  @Field(() => Int, { description: 'In basis points: 10,000 are all requests.' })
  weightBp!: number;
}

@InputType({ description: 'How the requests of a deployment are shared out.' })
export class SetTrafficInput extends CommandInput {
  @Field(() => [TrafficWeightInput], {
    description: 'One part for each version, 1 to 16 of them; together 10,000.',
  })
  @ArrayMinSize(1)
  @ArrayMaxSize(16)
  @ValidateNested()
  weights!: TrafficWeightInput[];
}
