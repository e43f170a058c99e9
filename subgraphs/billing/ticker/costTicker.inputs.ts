import { Field, ID, InputType } from 'type-graphql';

@InputType({ description: 'Of what the cost is told. Give exactly one of the fields.' })
export class CostScopeInput {
  @Field(() => ID, { nullable: true, description: 'A job, with all its attempts.' })
  jobId?: string | null;

  @Field(() => ID, { nullable: true, description: 'An instance.' })
  instanceId?: string | null;

  @Field(() => ID, { nullable: true, description: 'A project, with all below it.' })
  projectId?: string | null;
}
