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
import { PodRequestInput } from '../../../platform/graphql/pod.type.js';

/** What Kubernetes takes for it. */
const PORT_NAME = /^(?=.{1,15}$)(?=.*[a-z])[a-z0-9]+(-[a-z0-9]+)*$/;

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

@InputType({ description: 'A port that other pods of the project can reach, by a Service of its name.' })
export class InstancePortInput {
  @Field(() => String, { description: 'Its name: at most 15 lower-case letters, digits and hyphens.' })
  @Matches(PORT_NAME, { message: 'must be a port name: at most 15 lower-case letters, digits and hyphens' })
  name!: string;

  @Field(() => Int, { description: 'The port that the container listens on.' })
  @Min(1)
  @Max(65_535)
  port!: number;
}

@InputType({ description: 'An instance that is asked for.' })
export class InstanceRequestInput extends PodRequestInput {
  @Field(() => ID, { description: 'The project that it will belong to.' })
  projectId!: string;

  @Field(() => String, { description: 'Its name for people, 1 to 200 characters.' })
  @Length(1, 200)
  name!: string;

  @Field(() => GpuRequestInput, { description: 'Its GPUs.' })
  @ValidateNested()
  gpu!: GpuRequestInput;

  @Field(() => Int, { nullable: true, description: 'CPU in thousandths of a core.' })
  @IsOptional()
  @Min(1)
  @Max(1_000_000)
  cpuMillis?: number | null;

  @Field(() => Int, { nullable: true, description: 'Memory in MiB.' })
  @IsOptional()
  @Min(1)
  @Max(100_000_000)
  memoryMiB?: number | null;

  @Field(() => [InstancePortInput], { nullable: true, description: 'Named ports.' })
  @IsOptional()
  @ArrayMaxSize(16)
  @ValidateNested()
  ports?: InstancePortInput[] | null;
}

@InputType({ description: 'Ask for an instance.' })
export class RequestInstanceInput extends CreationInput {
  @Field(() => InstanceRequestInput, { description: 'What is asked for.' })
  @ValidateNested()
  request!: InstanceRequestInput;

  @Field(() => String, {
    nullable: true,
    description:
      'The `planHash` of the plan that you agreed to. If it would plan otherwise now: `PLAN_STALE`.',
  })
  @IsOptional()
  @MaxLength(64)
  planHash?: string | null;

  @Field(() => String, { nullable: true, description: 'Why, for whoever reads the trail or approves it.' })
  @IsOptional()
  @MaxLength(1000)
  reason?: string | null;
}

@InputType({ description: 'A command on an instance.' })
export class InstanceCommandInput extends CommandInput {}
