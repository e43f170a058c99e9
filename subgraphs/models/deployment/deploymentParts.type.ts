import { Directive, Field, ID, Int, ObjectType, registerEnumType } from 'type-graphql';
import { APPROVAL_STATUS_MEANING, ApprovalStatus } from '../../../contracts/approval.js';

registerEnumType(ApprovalStatus, {
  name: 'ApprovalStatus',
  description: 'Where a request for approval stands.',
  valuesConfig: APPROVAL_STATUS_MEANING,
});

/** Governance owns approvals; a deployment names the one that it waits for. */
@ObjectType('ApprovalRequest')
@Directive('@key(fields: "id", resolvable: false)')
export class ApprovalRequestStub {
  @Field(() => ID, { description: 'Stable id.' })
  id!: string;

  @Field(() => ApprovalStatus, { description: 'Where it stands.' })
  @Directive('@external')
  status!: ApprovalStatus;
}

@ObjectType({ description: 'How many replicas serve.' })
export class Replicas {
  @Field(() => Int, { description: 'At least so many were asked for.' })
  min!: number;

  @Field(() => Int, { description: 'At most so many were asked for.' })
  max!: number;

  @Field(() => Int, { description: 'So many should serve now.' })
  desired!: number;

  @Field(() => Int, { description: 'So many answer now.' })
  ready!: number;
}

@ObjectType({ description: 'The part of the requests that goes to one version.' })
export class TrafficTarget {
  @Field(() => Int, { description: 'In basis points: 10,000 are all requests.' })
  weightBp!: number;

  modelVersionId!: string;
}
