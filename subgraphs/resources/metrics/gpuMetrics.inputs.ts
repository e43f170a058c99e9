import { Field, ID, InputType } from 'type-graphql';

@InputType({ description: 'Which GPUs to show. Give exactly one of the fields.' })
export class GpuMetricSelector {
  @Field(() => ID, { nullable: true, description: 'Those that a job has.' })
  jobId?: string | null;

  @Field(() => ID, { nullable: true, description: 'Those that an instance has.' })
  instanceId?: string | null;

  @Field(() => ID, { nullable: true, description: 'Those that anything in a project has.' })
  projectId?: string | null;

  @Field(() => ID, { nullable: true, description: 'Those of a node, for example `eu-1/h100-1`.' })
  nodeId?: string | null;

  @Field(() => [ID], { nullable: true, description: 'These, for example `eu-1/h100-1/0`; 1 to 100.' })
  gpuIds?: string[] | null;
}
