import { Field, ID, InputType, registerEnumType } from 'type-graphql';
import { DateTime } from '../../../platform/graphql/scalars.js';

@InputType({ description: 'Which GPUs to show. Give exactly one of the fields.' })
export class GpuMetricSelector {
  @Field(() => ID, { nullable: true, description: 'Those that a job has.' })
  jobId?: string | null;

  @Field(() => ID, { nullable: true, description: 'Those that an instance has.' })
  instanceId?: string | null;

  @Field(() => ID, { nullable: true, description: "Those of a deployment's replicas." })
  deploymentId?: string | null;

  @Field(() => ID, { nullable: true, description: 'Those that anything in a project has.' })
  projectId?: string | null;

  @Field(() => ID, { nullable: true, description: 'Those of a node, for example `eu-1/h100-1`.' })
  nodeId?: string | null;

  @Field(() => [ID], { nullable: true, description: 'These, for example `eu-1/h100-1/0`; 1 to 100.' })
  gpuIds?: string[] | null;
}

export const GpuMetricStep = {
  TEN_SECONDS: 'TEN_SECONDS',
  MINUTE: 'MINUTE',
  HOUR: 'HOUR',
} as const;
registerEnumType(GpuMetricStep, {
  name: 'GpuMetricStep',
  description: 'How fine a history of measurements is.',
  valuesConfig: {
    TEN_SECONDS: { description: 'Steps of ten seconds, kept for six hours.' },
    MINUTE: { description: 'Steps of a minute, kept for two weeks.' },
    HOUR: { description: 'Steps of an hour, kept for 400 days.' },
  },
});

@InputType({ description: 'A span of time.' })
export class GpuMetricWindowInput {
  @Field(() => DateTime, { description: 'Its beginning.' })
  from!: Date;

  @Field(() => DateTime, { description: 'Its end, later than its beginning.' })
  to!: Date;
}
