import { Field, Float, ID, Int, ObjectType } from 'type-graphql';
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

@ObjectType({ description: 'A value that a pod reads from a Kubernetes Secret of its project.' })
export class SecretRef {
  @Field(() => String, { description: 'The environment variable that gets the value.' })
  env!: string;

  @Field(() => String, { description: 'The name of the Secret.' })
  secret!: string;

  @Field(() => String, { description: 'The key in the Secret.' })
  key!: string;
}

@ObjectType({ description: 'A key with a value.' })
export class KeyValue {
  @Field(() => String, { description: 'The key, unique in its list.' })
  key!: string;

  @Field(() => String, { description: 'The value; may be empty.' })
  value!: string;
}

@ObjectType({ description: 'The GPUs that were asked for.' })
export class GpuRequest {
  @Field(() => [ID], { description: 'Models by catalogue id, first choice first.' })
  modelIn!: string[];

  @Field(() => Int, { description: 'How many, all of one model.' })
  count!: number;
}
