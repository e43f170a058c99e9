import type { Permission } from '../../contracts/permissions.js';
import { deadLetterResolver } from '../../platform/graphql/deadLetter.resolver.js';
import { buildSubgraph } from '../../platform/graphql/subgraphSchema.js';
import { ActorResolver, resolveActor } from './actor/actor.resolver.js';
import { ApprovalResolver } from './approval/approval.resolver.js';
import { approvalOfTargetResolvers } from './approval/approvalOfTarget.resolver.js';
import { ApprovalPolicyResolver } from './approval/approvalPolicy.resolver.js';
import { visibleApproval } from './approval/visibleApproval.js';
import { AuditResolver, AuditTrailResolver, visibleAuditEvent } from './audit/audit.resolver.js';
import { AuditStreamResolver } from './audit/auditStream.resolver.js';
import { AUDITABLE_ELSEWHERE, auditableStubs } from './audit/auditable.type.js';
import type { Context } from './context.js';
import { OrganisationResolver, resolveOrganisation } from './organisation/organisation.resolver.js';
import { ProjectResolver } from './project/project.resolver.js';
import { visibleProject } from './project/visibleProject.js';
import { ProjectQuotasResolver, QuotaResolver } from './quota/quota.resolver.js';
import { visibleQuota } from './quota/visibleQuota.js';
import { RoleResolver } from './role/role.resolver.js';
import {
  OrganisationRoleBindingsResolver,
  ProjectRoleBindingsResolver,
  RoleBindingResolver,
} from './roleBinding/roleBinding.resolver.js';
import { visibleRoleBinding } from './roleBinding/visibleRoleBinding.js';
import { MeResolver } from './user/me.resolver.js';
import { UserResolver } from './user/user.resolver.js';
import { visibleUser } from './user/visibleUser.js';

type Reference = { id: string };

/** Needs no database: the SDL that is checked in comes from here. */
export function buildGovernanceSchema() {
  return buildSubgraph({
    resolvers: [
      ActorResolver,
      ApprovalPolicyResolver,
      ApprovalResolver,
      ...approvalOfTargetResolvers,
      AuditResolver,
      AuditStreamResolver,
      AuditTrailResolver,
      MeResolver,
      OrganisationResolver,
      OrganisationRoleBindingsResolver,
      ProjectResolver,
      ProjectQuotasResolver,
      ProjectRoleBindingsResolver,
      QuotaResolver,
      RoleBindingResolver,
      RoleResolver,
      UserResolver,
      deadLetterResolver('governance', 'fleet:operate' satisfies Permission),
    ],
    orphanedTypes: [...auditableStubs],
    references: {
      ...Object.fromEntries(AUDITABLE_ELSEWHERE.map((name) => [name, thingElsewhere(name)])),
      Actor: resolveActor,
      ApprovalRequest: ({ id }: Reference, context: Context) => visibleApproval(id, context),
      AuditEvent: ({ id }: Reference, context: Context) => visibleAuditEvent(id, context),
      Organisation: resolveOrganisation,
      Project: ({ id }: Reference, context: Context) => visibleProject(id, context),
      Quota: ({ id }: Reference, context: Context) => visibleQuota(id, context),
      RoleBinding: ({ id }: Reference, context: Context) => visibleRoleBinding(id, context),
      User: ({ id }: Reference, context: Context) => visibleUser(id, context),
    },
  });
}

/** Whether it exists is its owner's to say; its trail is empty for who may not see it. */
const thingElsewhere =
  (name: string) =>
  ({ id }: Reference) => ({ __typename: name, id });
