import { type ClassType, Ctx, FieldResolver, Resolver, Root } from 'type-graphql';
import type { ApprovalTarget } from '../../../contracts/approval.js';
import { type Auditable, auditableStub } from '../audit/auditable.type.js';
import type { Context } from '../context.js';
import { canSee } from './approval.access.js';
import { ApprovalRequest, toApproval } from './approval.type.js';

const TARGETS: readonly ApprovalTarget['type'][] = ['Instance', 'Job', 'Deployment'];

/** Adds its approval to everything that may need one. */
export const approvalOfTargetResolvers = TARGETS.map((name) => resolverOf(auditableStub(name)));

function resolverOf(stub: ClassType<Auditable>) {
  @Resolver(() => stub)
  class ApprovalOfTargetResolver {
    @FieldResolver(() => ApprovalRequest, {
      nullable: true,
      description: 'What had to be approved before it could go on; null if nothing had to.',
    })
    async approval(@Root() { id }: Auditable, @Ctx() context: Context): Promise<ApprovalRequest | null> {
      await context.approvalsAreCurrent();
      const approval = await context.loaders.approvalOfTarget.load(id);
      return approval && canSee(context.principal, approval.state) ? toApproval(approval) : null;
    }
  }
  return ApprovalOfTargetResolver;
}
