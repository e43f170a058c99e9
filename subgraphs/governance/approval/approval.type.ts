import { Directive, Field, ID, ObjectType, registerEnumType } from 'type-graphql';

export const ApprovalStatus = {
  PENDING: 'PENDING',
  APPROVED: 'APPROVED',
  REJECTED: 'REJECTED',
  EXPIRED: 'EXPIRED',
  WITHDRAWN: 'WITHDRAWN',
  SUPERSEDED: 'SUPERSEDED',
  EXECUTED: 'EXECUTED',
  EXECUTION_FAILED: 'EXECUTION_FAILED',
} as const;
registerEnumType(ApprovalStatus, {
  name: 'ApprovalStatus',
  description: 'Where a request for approval stands.',
  valuesConfig: {
    PENDING: { description: 'It waits for decisions.' },
    APPROVED: { description: 'It may be used once, for the plan that it was asked for.' },
    REJECTED: { description: 'Somebody who may decide said no.' },
    EXPIRED: { description: 'Nobody decided in time.' },
    WITHDRAWN: { description: 'Whoever asked took it back.' },
    SUPERSEDED: { description: 'The plan changed meanwhile.' },
    EXECUTED: { description: 'It was used.' },
    EXECUTION_FAILED: { description: 'It was used, and what it allowed did not work.' },
  },
});

@ObjectType({ description: 'A request that somebody else allow a plan before it is carried out.' })
@Directive('@key(fields: "id")')
export class ApprovalRequest {
  @Field(() => ID, { description: 'Stable id.' })
  id!: string;

  @Field(() => ApprovalStatus, { description: 'Where it stands.' })
  status!: keyof typeof ApprovalStatus;
}
