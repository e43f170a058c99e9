import { Field, Int, ObjectType } from 'type-graphql';
import type { ApprovalAction as Action } from '../../../contracts/approval.js';
import { Duration } from '../../../platform/graphql/scalars.js';
import { Money } from '../../../platform/graphql/values.type.js';
import { ApprovalAction } from './approval.enums.js';

@ObjectType({ description: 'A rule by which a request needs an approval. One of its limits is set.' })
export class ApprovalRule {
  @Field(() => String, { description: 'Its id, as plans and requests name it.' })
  id!: string;

  @Field(() => String, { description: 'What it says, in words.' })
  reason!: string;

  @Field(() => Int, { nullable: true, description: 'It applies to more GPUs than this in one request.' })
  gpusAbove!: number | null;

  @Field(() => Money, {
    nullable: true,
    description: 'It applies to a higher price per hour than this, for the dearest model that was named.',
  })
  perHourAbove!: Money | null;
}

@ObjectType({ description: 'Who may decide a kind of request.' })
export class ApprovalDeciders {
  @Field(() => ApprovalAction, { description: 'What is to be allowed.' })
  action!: Action;

  @Field(() => [String], { description: 'The rights of which each is enough, in the project or above it.' })
  rights!: string[];
}

@ObjectType({ description: 'A group of people who have to agree.' })
export class ApprovalPolicyStep {
  @Field(() => String, { description: 'Who, in words.' })
  name!: string;

  @Field(() => Int, { description: 'How many different people have to agree. The requester never counts.' })
  quorum!: number;

  @Field(() => [ApprovalDeciders], { description: 'Who may decide, by what is to be allowed.' })
  deciders!: ApprovalDeciders[];
}

@ObjectType({ description: 'By which rules requests need an approval, and whose.' })
export class ApprovalPolicy {
  @Field(() => String, { description: 'Its version; every request keeps the one by which it was needed.' })
  version!: string;

  @Field(() => [ApprovalRule], { description: 'The rules; any of them is enough.' })
  rules!: ApprovalRule[];

  @Field(() => [ApprovalPolicyStep], { description: 'Who has to agree, one step after another.' })
  steps!: ApprovalPolicyStep[];

  @Field(() => Duration, { description: 'For how long a request waits for its decisions.' })
  timeToLive!: string;
}
