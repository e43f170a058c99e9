import { Directive, Field, Float, ID, Int, ObjectType } from 'type-graphql';
import type { ProvisioningStepName } from '../../../contracts/resources.events.js';
import { DateTime } from '../../../platform/graphql/scalars.js';
import { StepName, StepState } from './instance.enums.js';

@ObjectType({ description: 'One of the steps that bring an instance up.' })
export class ProvisioningStep {
  @Field(() => StepName, { description: 'What is done.' })
  name!: ProvisioningStepName;

  @Field(() => StepState, { description: 'How far it is.' })
  state!: keyof typeof StepState;

  @Field(() => DateTime, { nullable: true, description: 'When it began; null if it has not.' })
  startedAt!: string | null;

  @Field(() => DateTime, { nullable: true, description: 'When it ended; null if it has not.' })
  endedAt!: string | null;

  @Field(() => Float, { nullable: true, description: 'How much of it is done, where that can be told.' })
  percent!: number | null;

  @Field(() => String, { nullable: true, description: 'What it waits for, or what went wrong.' })
  message!: string | null;

  @Field(() => DateTime, { nullable: true, description: 'When it must have ended, while it is being done.' })
  deadline!: string | null;
}

@ObjectType({ description: 'Where a port of an instance is reached, inside the cluster.' })
export class Endpoint {
  @Field(() => String, { description: 'The name of the port.' })
  name!: string;

  @Field(() => String, { description: 'Its URL.' })
  url!: string;
}

@ObjectType({ description: 'A named port of an instance.' })
export class InstancePort {
  @Field(() => String, { description: 'Its name, unique in the instance.' })
  name!: string;

  @Field(() => Int, { description: 'The port that the container listens on.' })
  port!: number;
}

@ObjectType({ description: 'The GPUs that were asked for.' })
@Directive('@shareable')
export class GpuRequest {
  @Field(() => [ID], { description: 'Models by catalogue id, first choice first.' })
  modelIn!: string[];

  @Field(() => Int, { description: 'How many, all of one model.' })
  count!: number;
}
