import { Directive, Field, Int, ObjectType } from 'type-graphql';
import { Money } from '../../../platform/graphql/values.type.js';
import { Blocker } from '../pass/blocker.type.js';
import { GpuModelStub } from './stubs.type.js';

@ObjectType({ description: 'One of the models that a job would take: what is there, and what it costs.' })
export class JobOffer {
  @Field(() => GpuModelStub, { description: 'The model.' })
  gpuModel!: GpuModelStub;

  @Field(() => Int, { description: 'Devices of it that could be given now, in the whole fleet.' })
  available!: number;

  @Field(() => Money, {
    nullable: true,
    description: 'One device for one hour; null where no price is listed.',
  })
  pricePerHour!: Money | null;
}

@ObjectType({ description: 'What a job would cost, by a named price book.' })
export class JobEstimate {
  @Field(() => Money, { description: 'All of its GPUs for one hour.' })
  perHour!: Money;

  @Field(() => Money, {
    description:
      'All of its GPUs for as long as it may run: what is reserved when it starts. It costs what it uses.',
  })
  total!: Money;

  @Field(() => String, { description: 'The name of the price book that it is reckoned by.' })
  priceBookVersion!: string;
}

/** Resources says the same of instances: shared types must be defined alike wherever they are. */
@ObjectType({
  description: "What a request does to the project's quota of one model, if that model is taken.",
})
@Directive('@shareable')
export class QuotaEffect {
  @Field(() => GpuModelStub, { description: 'The model.' })
  gpuModel!: GpuModelStub;

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

@ObjectType({ description: 'What a job would get and cost now. Nothing is reserved.' })
export class JobPlan {
  @Field(() => String, {
    description:
      'Of the request, prices, limits and rules, never of usage. Send it along to be sure of getting what you saw.',
  })
  planHash!: string;

  @Field(() => Boolean, {
    description:
      'Whether quota, budget and devices allow it now; `approvalsNeeded` says what else it takes. A job that is not feasible now may be submitted and waits, unless it can never run.',
  })
  feasible!: boolean;

  @Field(() => [JobOffer], { description: 'The models that were asked for, in that order.' })
  offers!: JobOffer[];

  @Field(() => JobEstimate, {
    nullable: true,
    description: 'What the model that would be taken costs; null where no price is listed.',
  })
  estimate!: JobEstimate | null;

  @Field(() => [QuotaEffect], { description: 'One for each model that was asked for.' })
  quotaEffect!: QuotaEffect[];

  @Field(() => BudgetEffect, { nullable: true, description: 'Null where no budget counts.' })
  budgetEffect!: BudgetEffect | null;

  @Field(() => [ApprovalNeed], { description: 'The approvals that it would need.' })
  approvalsNeeded!: ApprovalNeed[];

  @Field(() => [Blocker], { description: 'What it would wait for now; empty if nothing.' })
  blockers!: Blocker[];
}
