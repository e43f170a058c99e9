import { Arg, Ctx, FieldResolver, ID, Int, Mutation, Query, Resolver, Root } from 'type-graphql';
import { type Connection, paginate } from '../../../platform/graphql/connection.js';
import { DateTime } from '../../../platform/graphql/scalars.js';
import { AvailableAction } from '../../../platform/graphql/values.type.js';
import { AVAILABLE_ACTIONS } from '../availableAction.js';
import type { Context } from '../context.js';
import type { Project } from '../project/project.type.js';
import { visibleProject } from '../project/visibleProject.js';
import { seesName } from './approval.access.js';
import { availableActions } from './approval.actions.js';
import { decideApproval, withdrawApproval } from './approval.commands.js';
import {
  ApprovalFilter,
  ApprovalPayload,
  ApprovalRequestConnection,
  DecideApprovalInput,
  WithdrawApprovalInput,
} from './approval.inputs.js';
import { ApprovalRequest, toApproval } from './approval.type.js';
import { ApprovalTarget } from './approvalParts.type.js';
import { visibleApproval } from './visibleApproval.js';

@Resolver(() => ApprovalRequest)
export class ApprovalResolver {
  @Query(() => ApprovalRequest, {
    nullable: true,
    description: 'A request for approval by its id; null if there is none that you may see.',
  })
  approval(
    @Arg('id', () => ID, { description: 'Its id.' }) id: string,
    @Arg('asOf', () => DateTime, { nullable: true, description: 'As it was then; without it, as it is now.' })
    asOf: Date | null,
    @Ctx() context: Context,
  ): Promise<ApprovalRequest | null> {
    return visibleApproval(id, context, asOf);
  }

  @Query(() => ApprovalRequestConnection, {
    description: 'Requests for approval, as far as you may see them; newest first.',
  })
  async approvals(
    @Arg('filter', () => ApprovalFilter, { nullable: true, description: 'Which; without it all.' })
    filter: ApprovalFilter | null,
    @Arg('first', () => Int, { description: 'How many, 100 at most.' }) first: number,
    @Arg('after', () => String, { nullable: true, description: 'Go on behind this place, to older ones.' })
    after: string | null,
    @Ctx() context: Context,
  ): Promise<Connection<ApprovalRequest>> {
    const { repositories, principal } = context;
    await context.approvalsAreCurrent();
    return paginate(
      { first, after },
      {
        read: (page) => repositories.approvals.page(principal, filter ?? {}, page),
        key: ({ id }) => id,
        toNode: toApproval,
        count: () => repositories.approvals.count(principal, filter ?? {}),
      },
    );
  }

  @Mutation(() => ApprovalPayload, {
    description:
      'Says yes or no to a request of somebody else. `FORBIDDEN` for your own, `ILLEGAL_TRANSITION` once it is decided or its time is over.',
  })
  decideApproval(
    @Arg('input', () => DecideApprovalInput, { description: 'The decision.' }) input: DecideApprovalInput,
    @Ctx() context: Context,
  ): Promise<ApprovalPayload> {
    return decideApproval(input, context);
  }

  @Mutation(() => ApprovalPayload, {
    description: 'Takes your own request back; what waits for it fails with `APPROVAL_WITHDRAWN`.',
  })
  withdrawApproval(
    @Arg('input', () => WithdrawApprovalInput, { description: 'The request.' }) input: WithdrawApprovalInput,
    @Ctx() context: Context,
  ): Promise<ApprovalPayload> {
    return withdrawApproval(input, context);
  }

  @FieldResolver(() => ApprovalTarget, { description: 'What waits for it.' })
  target(@Root() { entity }: ApprovalRequest, @Ctx() { principal }: Context): ApprovalTarget {
    const { type, id, name } = entity.state.ask.target;
    return { type, id, name: seesName(principal, entity.state) ? name : null };
  }

  @FieldResolver()
  project(@Root() { entity }: ApprovalRequest, @Ctx() context: Context): Promise<Project | null> {
    return visibleProject(entity.state.projectId, context);
  }

  @FieldResolver(() => [AvailableAction], AVAILABLE_ACTIONS)
  availableActions(@Root() { entity }: ApprovalRequest, @Ctx() { principal }: Context): AvailableAction[] {
    return availableActions(entity.state, principal);
  }
}
