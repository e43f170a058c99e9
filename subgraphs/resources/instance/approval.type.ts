import { Directive, Field, ID, ObjectType, registerEnumType } from 'type-graphql';
import { APPROVAL_STATUS_MEANING, ApprovalStatus } from '../../../contracts/approval.js';
import type { InstanceState } from './instance.js';

registerEnumType(ApprovalStatus, {
  name: 'ApprovalStatus',
  description: 'Where a request for approval stands.',
  valuesConfig: APPROVAL_STATUS_MEANING,
});

/** Governance owns approvals; a request names the one that it waits for, before governance has heard of it. */
@ObjectType('ApprovalRequest')
@Directive('@key(fields: "id", resolvable: false)')
export class ApprovalRequestStub {
  @Field(() => ID, { description: 'Stable id.' })
  id!: string;

  @Field(() => ApprovalStatus, { description: 'Where it stands.' })
  @Directive('@external')
  status!: ApprovalStatus;
}

/** The approval of an instance as far as the instance tells; null where no rule asked for one. */
export function approvalOf({ approvalId, ...state }: InstanceState): ApprovalRequestStub | null {
  return approvalId === null ? null : { id: approvalId, status: statusOf(state) };
}

function statusOf({ phase, endReason, placement }: Omit<InstanceState, 'approvalId'>): ApprovalStatus {
  if (phase === 'AWAITING_APPROVAL') return 'PENDING';
  if (placement !== null) return 'EXECUTED';
  switch (endReason) {
    case 'APPROVAL_REJECTED':
      return 'REJECTED';
    case 'APPROVAL_EXPIRED':
      return 'EXPIRED';
    case 'APPROVAL_SUPERSEDED':
      return 'SUPERSEDED';
    case 'CAPACITY_GONE':
      return 'EXECUTION_FAILED';
    default:
      return 'WITHDRAWN';
  }
}
