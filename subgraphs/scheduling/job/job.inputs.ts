import {
  ArrayMaxSize,
  ArrayMinSize,
  IsOptional,
  Length,
  Max,
  MaxLength,
  Min,
  ValidateNested,
} from 'class-validator';
import { Field, ID, InputType, Int } from 'type-graphql';
import { CommandInput, CreationInput } from '../../../platform/graphql/command.type.js';
import { POD_LIST_MAX, PodRequestInput } from '../../../platform/graphql/pod.type.js';
import { Duration } from '../../../platform/graphql/scalars.js';
import { KeyValueInput } from '../../../platform/graphql/values.type.js';
import { JobPhase } from './job.transitions.js';

/** Resources asks for GPUs in the same words: a shared input must be defined alike wherever it is. */
@InputType({ description: 'GPUs that are asked for: all of one model.' })
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

@InputType({ description: 'A job that is asked for.' })
export class JobRequestInput extends PodRequestInput {
  @Field(() => ID, { description: 'The project that it will work for.' })
  projectId!: string;

  @Field(() => ID, {
    nullable: true,
    description: 'The queue that it will wait in; left out, the default of the project.',
  })
  @IsOptional()
  queueId?: string | null;

  @Field(() => String, { description: 'Its name for people, 1 to 200 characters.' })
  @Length(1, 200)
  name!: string;

  @Field(() => [String], {
    description: 'What each of its pods runs: a program and its arguments. Empty: what the image says.',
  })
  @ArrayMaxSize(256)
  @MaxLength(32_768, { each: true })
  command!: string[];

  @Field(() => GpuRequestInput, {
    description: 'Its GPUs. More than a node has are given on several nodes of one cluster, all at once.',
  })
  @ValidateNested()
  gpu!: GpuRequestInput;

  @Field(() => Duration, {
    description:
      'How long it may run, from PT1S to P365D: then it is ended, and the money for it is reserved before.',
  })
  maxRuntime!: string;

  @Field(() => Int, {
    nullable: true,
    description: 'In its queue the higher is served first, 0 to 1000; left out, 50.',
  })
  @IsOptional()
  @Min(0)
  @Max(1_000)
  priority?: number | null;
}

@InputType({ description: 'Submit a job.' })
export class SubmitJobInput extends CreationInput {
  @Field(() => JobRequestInput, { description: 'What is asked for.' })
  @ValidateNested()
  request!: JobRequestInput;

  @Field(() => String, {
    nullable: true,
    description:
      'The `planHash` of the plan that you agreed to. If it would plan otherwise now: `PLAN_STALE`.',
  })
  @IsOptional()
  @MaxLength(64)
  planHash?: string | null;
}

@InputType({ description: 'A command on a job.' })
export class JobCommandInput extends CommandInput {}

@InputType({ description: 'Which jobs are listed. All that is given must hold.' })
export class JobFilter {
  @Field(() => [JobPhase], { nullable: true, description: 'Those in one of these phases.' })
  @IsOptional()
  phaseIn?: JobPhase[] | null;

  @Field(() => ID, { nullable: true, description: 'Those that this actor submitted.' })
  @IsOptional()
  createdBy?: string | null;

  @Field(() => [KeyValueInput], { nullable: true, description: 'Those that have all of these labels.' })
  @IsOptional()
  @ArrayMaxSize(POD_LIST_MAX)
  @ValidateNested()
  labels?: KeyValueInput[] | null;
}
