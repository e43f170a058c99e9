import { Field, ID, Int, ObjectType } from 'type-graphql';
import type { ApprovalDecisionKind as DecisionKind } from '../../../contracts/approval.js';
import { DateTime } from '../../../platform/graphql/scalars.js';
import { Money } from '../../../platform/graphql/values.type.js';
import { NamedActor } from '../actor/actor.type.js';
import { GpuModelStub } from '../quota/gpuModel.type.js';
import { ApprovalDecisionKind } from './approval.enums.js';

@ObjectType({ description: 'The thing that waits for an approval.' })
export class ApprovalTarget {
  @Field(() => String, { description: 'The kind of thing: `Instance`, `Job` or `Deployment`.' })
  type!: string;

  @Field(() => ID, { description: 'Its id.' })
  id!: string;

  @Field(() => String, {
    nullable: true,
    description: 'Its name; null if you may decide but not see into the project.',
  })
  name!: string | null;
}

@ObjectType({ description: 'A rule of the policy that a request matched when it was asked for.' })
export class MatchedRule {
  @Field(() => String, { description: 'Its id in the policy.' })
  rule!: string;

  @Field(() => String, { description: 'Why it applied.' })
  reason!: string;
}

@ObjectType({ description: 'What a request would have cost when it was asked for.' })
export class ApprovalEstimate {
  @Field(() => Money, { description: 'All of its GPUs for one hour.' })
  perHour!: Money;

  @Field(() => Money, { nullable: true, description: 'A job at its full length; null for what has no end.' })
  total!: Money | null;

  @Field(() => String, { description: 'The name of the price book that it was reckoned by.' })
  priceBookVersion!: string;
}

@ObjectType({ description: 'How a quota stood when a request was asked for.' })
export class ApprovalQuota {
  @Field(() => GpuModelStub, { description: 'The model.' })
  gpuModel!: GpuModelStub;

  @Field(() => Int, { description: 'GPUs that the project, with all below it, was allowed at one time.' })
  nominal!: number;

  @Field(() => Int, { description: 'GPUs that it had.' })
  used!: number;

  @Field(() => Int, { description: 'GPUs that the request would have added.' })
  requested!: number;
}

@ObjectType({ description: 'What one person said to a request.' })
export class ApprovalDecision {
  @Field(() => ApprovalDecisionKind, { description: 'Yes or no.' })
  decision!: DecisionKind;

  @Field(() => NamedActor, { description: 'Who said it.' })
  by!: NamedActor;

  @Field(() => DateTime, { description: 'When.' })
  at!: string;

  @Field(() => String, { nullable: true, description: 'In their own words.' })
  comment!: string | null;
}

@ObjectType({ description: 'One group of people who have to agree; steps come one after another.' })
export class ApprovalStep {
  @Field(() => String, { description: 'Who, in words.' })
  name!: string;

  @Field(() => Int, { description: 'How many different people have to agree.' })
  quorum!: number;

  @Field(() => Boolean, { description: 'Whether enough of them have.' })
  agreed!: boolean;

  @Field(() => [ApprovalDecision], { description: 'What was said, in that order.' })
  decisions!: ApprovalDecision[];
}
