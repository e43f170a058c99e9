import { IsOptional, MaxLength } from 'class-validator';
import { Field, ID, InputType, ObjectType } from 'type-graphql';
import type {
  ApprovalAction as Action,
  ApprovalDecisionKind as DecisionKind,
} from '../../../contracts/approval.js';
import { CommandInput, CommandPayload } from '../../../platform/graphql/command.type.js';
import { connectionOf } from '../../../platform/graphql/connection.js';
import { ApprovalAction, ApprovalDecisionKind, ApprovalStatus } from './approval.enums.js';
import { ApprovalRequest } from './approval.type.js';

export const ApprovalRequestConnection = connectionOf(ApprovalRequest, 'ApprovalRequest');

const COMMENT_LENGTH_MAX = 2_000;

@InputType({ description: 'Which requests for approval. All given conditions must hold.' })
export class ApprovalFilter {
  @Field(() => ApprovalStatus, { nullable: true, description: 'Those that stand there.' })
  status?: ApprovalStatus | null;

  @Field(() => ID, { nullable: true, description: 'Those of this project alone, not of those below it.' })
  projectId?: string | null;

  @Field(() => ApprovalAction, { nullable: true, description: 'Those that would allow this.' })
  action?: Action | null;

  @Field(() => ID, { nullable: true, description: 'Those that this actor asked for.' })
  requestedBy?: string | null;

  @Field(() => ID, { nullable: true, description: 'The one that this thing waits for, or waited for.' })
  targetId?: string | null;
}

@InputType({ description: 'What you say to a request for approval.' })
export class DecideApprovalInput extends CommandInput {
  @Field(() => ApprovalDecisionKind, { description: 'Yes or no.' })
  decision!: DecisionKind;

  @Field(() => String, {
    nullable: true,
    description: `Why, for who asked; at most ${COMMENT_LENGTH_MAX} characters.`,
  })
  @IsOptional()
  @MaxLength(COMMENT_LENGTH_MAX)
  comment?: string | null;
}

@InputType({ description: 'The request for approval that you take back.' })
export class WithdrawApprovalInput extends CommandInput {}

@ObjectType({ description: 'The request for approval after the command.' })
export class ApprovalPayload extends CommandPayload {
  @Field(() => ApprovalRequest, { description: 'The request.' })
  approval!: ApprovalRequest;
}
