import { Directive, Field, ObjectType } from 'type-graphql';
import type { ApprovalAction as Action } from '../../../contracts/approval.js';
import type { Existing } from '../../../platform/eventStore/aggregate.js';
import { entityFields } from '../../../platform/graphql/entity.type.js';
import { DateTime } from '../../../platform/graphql/scalars.js';
import { resolveActor } from '../actor/actor.resolver.js';
import { NamedActor } from '../actor/actor.type.js';
import { Auditable } from '../audit/auditable.type.js';
import { OwnedEntity } from '../entity.type.js';
import { Project } from '../project/project.type.js';
import { ApprovalAction, ApprovalStatus } from './approval.enums.js';
import { type ApprovalState, type ApprovalStepState, isAgreed } from './approval.js';
import { ApprovalEstimate, ApprovalQuota, ApprovalStep, MatchedRule } from './approvalParts.type.js';

@ObjectType({
  implements: Auditable,
  description:
    'A request that somebody else allow a plan before it is carried out. It counts once, and for this plan only.',
})
@Directive('@key(fields: "id")')
export class ApprovalRequest extends OwnedEntity {
  @Field(() => ApprovalStatus, { description: 'Where it stands.' })
  @Directive('@shareable')
  status!: ApprovalStatus;

  @Field(() => DateTime, { description: 'When it was last known to stand there.' })
  observedAt!: string;

  @Field(() => ApprovalAction, { description: 'What has to be allowed.' })
  action!: Action;

  @Field(() => Project, { nullable: true, description: 'The project that it is about.' })
  project?: Project | null;

  @Field(() => NamedActor, { description: 'Who asked for it, and therefore may not decide it.' })
  requestedBy!: NamedActor;

  @Field(() => String, { nullable: true, description: 'Why it was asked for, if that was said.' })
  reason!: string | null;

  @Field(() => String, { description: 'The plan that it counts for.' })
  planHash!: string;

  @Field(() => String, { description: 'The version of the policy by which it is needed.' })
  policyVersion!: string;

  @Field(() => [MatchedRule], { description: 'The rules of the policy that the plan matched.' })
  rules!: MatchedRule[];

  @Field(() => ApprovalEstimate, {
    nullable: true,
    description: 'What it would have cost when it was asked for; null where no price was listed.',
  })
  estimate!: ApprovalEstimate | null;

  @Field(() => [ApprovalQuota], {
    description: 'The quotas as they stood when it was asked for, one for each model.',
  })
  quota!: ApprovalQuota[];

  @Field(() => [ApprovalStep], { description: 'Who has to agree, and what was said so far.' })
  steps!: ApprovalStep[];

  @Field(() => DateTime, { description: 'When it lapses if nobody has decided.' })
  expiresAt!: string;

  @Field(() => String, { nullable: true, description: 'What went wrong when it was used, if something did.' })
  message!: string | null;

  entity!: Existing<ApprovalState>;
}

/** From a row as well as from a fold: both always say the same. */
export function toApproval(entity: Existing<ApprovalState>): ApprovalRequest {
  const { ask, requestedBy, status, steps, message } = entity.state;
  const { reason, planHash, policyVersion, rules, expiresAt } = ask;
  return {
    ...entityFields(entity),
    createdBy: resolveActor(requestedBy),
    requestedBy: resolveActor(requestedBy),
    status,
    observedAt: entity.updatedAt,
    action: ask.action,
    reason,
    planHash,
    policyVersion,
    rules,
    estimate: estimateOf(ask.estimate),
    quota: ask.quota.map(({ gpuModelId, ...numbers }) => ({ gpuModel: { id: gpuModelId }, ...numbers })),
    steps: steps.map(stepOf),
    expiresAt,
    message,
    entity,
  };
}

function estimateOf(estimate: ApprovalState['ask']['estimate']): ApprovalEstimate | null {
  if (!estimate) return null;
  const { perHour, total, currency, priceBookVersion } = estimate;
  return {
    perHour: { amount: perHour, currency },
    total: total === null ? null : { amount: total, currency },
    priceBookVersion,
  };
}

const stepOf = (step: ApprovalStepState): ApprovalStep => ({
  name: step.name,
  quorum: step.quorum,
  agreed: isAgreed(step),
  decisions: step.decisions.map(({ by, ...decision }) => ({ ...decision, by: resolveActor(by) })),
});
