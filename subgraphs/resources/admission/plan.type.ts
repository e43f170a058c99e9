import { Directive, Field, ID, Int, ObjectType, registerEnumType } from 'type-graphql';
import { BLOCKER_CODE_MEANING, BlockerCode } from '../../../contracts/admission.js';
import type { PlanBlocker } from '../../../contracts/plan.js';
import { DateTime, Decimal } from '../../../platform/graphql/scalars.js';
import { Money } from '../../../platform/graphql/values.type.js';
import { GpuModel } from '../gpuModel/gpuModel.type.js';

registerEnumType(BlockerCode, {
  name: 'BlockerCode',
  description: 'Why something does not run now.',
  valuesConfig: BLOCKER_CODE_MEANING,
});

@ObjectType({ description: 'The thing that is in the way.' })
@Directive('@shareable')
export class BlockerRef {
  @Field(() => String, { description: 'Its type, for example `Project`, `GpuModel`, `Budget` or `Cluster`.' })
  type!: string;

  @Field(() => ID, { description: 'Its id.' })
  id!: string;
}

@ObjectType({ description: 'One thing that keeps something from running, with its numbers.' })
@Directive('@shareable')
export class Blocker implements PlanBlocker {
  @Field(() => BlockerCode, { description: 'What it is.' })
  code!: BlockerCode;

  @Field(() => Int, { description: '1 is the one to look at first.' })
  rank!: number;

  @Field(() => Decimal, { nullable: true, description: 'How much is needed, in `unit`.' })
  need!: string;

  @Field(() => Decimal, { nullable: true, description: 'How much there is, in `unit`.' })
  free!: string;

  @Field(() => String, {
    nullable: true,
    description: 'What is counted: `GPU`, a currency such as `USD`, `GPU_HOUR`.',
  })
  unit!: string;

  @Field(() => BlockerRef, {
    nullable: true,
    description: 'What is in the way: the project whose quota is full, the model that is taken, the budget.',
  })
  ref?: BlockerRef | null;

  @Field(() => String, { description: 'What you can do about it, in one sentence.' })
  action!: string;

  @Field(() => DateTime, {
    nullable: true,
    description: 'Since when it has been in the way; null in a plan.',
  })
  since!: null;
}

@ObjectType({ description: 'One of the models that were asked for: what is there, and what it costs.' })
export class InstanceOffer {
  @Field(() => GpuModel, { description: 'The model.' })
  gpuModel!: GpuModel;

  @Field(() => Int, { description: 'Devices of it that could be given now, in the whole fleet.' })
  available!: number;

  @Field(() => Money, {
    nullable: true,
    description: 'One device for one hour; null where no price is listed.',
  })
  pricePerHour!: Money | null;
}

@ObjectType({ description: 'What something would cost, by a named price book.' })
export class InstanceEstimate {
  @Field(() => Money, { description: 'All of its GPUs for one hour.' })
  perHour!: Money;

  @Field(() => String, { description: 'The name of the price book that it is reckoned by.' })
  priceBookVersion!: string;
}

@ObjectType({
  description: "What a request does to the project's quota of one model, if that model is taken.",
})
@Directive('@shareable')
export class QuotaEffect {
  @Field(() => GpuModel, { description: 'The model.' })
  gpuModel!: GpuModel;

  @Field(() => Int, { description: 'GPUs that the project, with all below it, may have at one time.' })
  nominal!: number;

  @Field(() => Int, { description: 'GPUs that it has now.' })
  used!: number;

  @Field(() => Int, { description: 'GPUs that the request would add.' })
  requested!: number;
}

@ObjectType({ description: 'How the tightest budget stands that would pay for a request.' })
@Directive('@shareable')
export class BudgetEffect {
  @Field(() => Money, { description: 'What it allows in its period.' })
  limit!: Money;

  @Field(() => Money, { description: 'What is spent already.' })
  spent!: Money;

  @Field(() => Money, { description: 'What is reserved and not spent yet.' })
  held!: Money;
}

@ObjectType({ description: 'An approval that a request would need.' })
@Directive('@shareable')
export class ApprovalNeed {
  @Field(() => String, { description: 'The rule that asks for it.' })
  rule!: string;

  @Field(() => String, { description: 'Why the rule applies.' })
  reason!: string;
}

@ObjectType({ description: 'What a request for an instance would get and cost now. Nothing is reserved.' })
export class InstancePlan {
  @Field(() => String, {
    description:
      'Of the request, prices, limits and rules, never of usage. Send it along to be sure of getting what you saw.',
  })
  planHash!: string;

  @Field(() => Boolean, {
    description: 'Whether quota, budget and devices allow it now; `approvalsNeeded` says what else it takes.',
  })
  feasible!: boolean;

  @Field(() => [InstanceOffer], { description: 'The models that were asked for, in that order.' })
  offers!: InstanceOffer[];

  @Field(() => InstanceEstimate, {
    nullable: true,
    description: 'What the model that would be taken costs; null where no price is listed.',
  })
  estimate!: InstanceEstimate | null;

  @Field(() => [QuotaEffect], { description: 'One for each model that was asked for.' })
  quotaEffect!: QuotaEffect[];

  @Field(() => BudgetEffect, { nullable: true, description: 'Null where no budget counts.' })
  budgetEffect!: BudgetEffect | null;

  @Field(() => [ApprovalNeed], { description: 'The approvals that it would need.' })
  approvalsNeeded!: ApprovalNeed[];

  @Field(() => [Blocker], { description: 'What keeps it from being admitted now; empty if nothing does.' })
  blockers!: Blocker[];
}
