import { Directive, Field, ID, ObjectType, registerEnumType } from 'type-graphql';
import { APPROVAL_STATUS_MEANING, ApprovalStatus } from '../../../contracts/approval.js';
import type { JobState } from './job.js';

registerEnumType(ApprovalStatus, {
  name: 'ApprovalStatus',
  description: 'Where a request for approval stands.',
  valuesConfig: APPROVAL_STATUS_MEANING,
});

/** Governance owns approvals; a job names the one that it waits for, before governance has heard of it. */
@ObjectType('ApprovalRequest')
@Directive('@key(fields: "id", resolvable: false)')
export class ApprovalRequestStub {
  @Field(() => ID, { description: 'Stable id.' })
  id!: string;

  @Field(() => ApprovalStatus, { description: 'Where it stands.' })
  @Directive('@external')
  status!: ApprovalStatus;
}

/** The approval of a job as far as the job tells; null where no rule asked for one. */
export const approvalOf = (job: JobState): ApprovalRequestStub | null =>
  job.approvalId === null ? null : { id: job.approvalId, status: statusOf(job) };

function statusOf({ phase, endReason, attempt }: JobState): ApprovalStatus {
  if (phase === 'AWAITING_APPROVAL') return 'PENDING';
  if (attempt > 0) return 'EXECUTED';
  switch (endReason) {
    case 'APPROVAL_REJECTED':
      return 'REJECTED';
    case 'APPROVAL_EXPIRED':
      return 'EXPIRED';
    case 'APPROVAL_SUPERSEDED':
      return 'SUPERSEDED';
    case 'UNSATISFIABLE':
      return 'EXECUTION_FAILED';
    default:
      return 'WITHDRAWN';
  }
}

/** Resources gives devices; an attempt names what it has. */
@ObjectType('Allocation')
@Directive('@key(fields: "id", resolvable: false)')
export class AllocationStub {
  @Field(() => ID, { description: 'Stable id.' })
  id!: string;
}

@ObjectType('GpuModel')
@Directive('@key(fields: "id", resolvable: false)')
export class GpuModelStub {
  @Field(() => ID, { description: 'Stable id: the catalogue id.' })
  id!: string;
}
