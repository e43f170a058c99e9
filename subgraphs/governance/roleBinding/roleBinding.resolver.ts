import { Arg, Ctx, FieldResolver, ID, Int, Mutation, Query, Resolver, Root } from 'type-graphql';
import { type Connection, paginate } from '../../../platform/graphql/connection.js';
import { AvailableAction } from '../../../platform/graphql/values.type.js';
import { actionByRight, AVAILABLE_ACTIONS } from '../availableAction.js';
import type { Context } from '../context.js';
import { Organisation } from '../organisation/organisation.type.js';
import { Project } from '../project/project.type.js';
import { visibleProject } from '../project/visibleProject.js';
import type { User } from '../user/user.type.js';
import { visibleUser } from '../user/visibleUser.js';
import { bindRole, revokeRole } from './roleBinding.commands.js';
import { BindRoleInput, BindRolePayload, RevokeRoleInput, RevokeRolePayload } from './roleBinding.inputs.js';
import { RoleBinding, RoleBindingConnection, toRoleBinding } from './roleBinding.type.js';
import { maySeeOrganisationBindings, visibleRoleBinding } from './visibleRoleBinding.js';

@Resolver(() => RoleBinding)
export class RoleBindingResolver {
  @Query(() => RoleBinding, {
    nullable: true,
    description: 'A role binding by its id; null if there is none that you may see.',
  })
  roleBinding(
    @Arg('id', () => ID, { description: 'Its id.' }) id: string,
    @Ctx() context: Context,
  ): Promise<RoleBinding | null> {
    return visibleRoleBinding(id, context);
  }

  @Mutation(() => BindRolePayload, {
    description: 'Gives somebody a role. You can give no right that you do not hold there yourself.',
  })
  bindRole(
    @Arg('input', () => BindRoleInput, { description: 'The role, and for whom.' }) input: BindRoleInput,
    @Ctx() context: Context,
  ): Promise<BindRolePayload> {
    return bindRole(input, context);
  }

  @Mutation(() => RevokeRolePayload, {
    description:
      'Takes a role back; it gives nothing from then on. `ILLEGAL_TRANSITION` if it was already, `LAST_ADMINISTRATOR` if nobody could give that role again.',
  })
  revokeRole(
    @Arg('input', () => RevokeRoleInput, { description: 'Which binding.' }) input: RevokeRoleInput,
    @Ctx() context: Context,
  ): Promise<RevokeRolePayload> {
    return revokeRole(input, context);
  }

  @FieldResolver()
  user(@Root() { subjectId }: RoleBinding, @Ctx() context: Context): Promise<User | null> {
    return visibleUser(subjectId, context);
  }

  @FieldResolver()
  project(@Root() { projectId }: RoleBinding, @Ctx() context: Context): Promise<Project | null> | null {
    return projectId === null ? null : visibleProject(projectId, context);
  }

  @FieldResolver(() => [AvailableAction], AVAILABLE_ACTIONS)
  availableActions(
    @Root() { projectId, revokedAt }: RoleBinding,
    @Ctx() { principal }: Context,
  ): AvailableAction[] {
    const { allowed, reason } = actionByRight('revokeRole', 'role:bind', { viewer: principal, projectId });
    return [
      revokedAt === null
        ? { action: 'revokeRole', allowed, reason, resultingState: allowed ? 'REVOKED' : null }
        : { action: 'revokeRole', allowed: false, reason: 'It was revoked already.', resultingState: null },
    ];
  }
}

@Resolver(() => Project)
export class ProjectRoleBindingsResolver {
  @FieldResolver(() => RoleBindingConnection, {
    description:
      'Who has which role in it, oldest first. Roles of projects above it reach down and stand there.',
  })
  roleBindings(
    @Root() { id }: Project,
    @Arg('first', () => Int, { description: 'How many, 100 at most.' }) first: number,
    @Arg('after', () => String, { nullable: true, description: 'Go on behind this place.' })
    after: string | null,
    @Ctx() context: Context,
  ): Promise<Connection<RoleBinding>> {
    return pageOfBindings(id, { first, after }, context);
  }
}

@Resolver(() => Organisation)
export class OrganisationRoleBindingsResolver {
  @FieldResolver(() => RoleBindingConnection, {
    nullable: true,
    description: 'Who has which role in the whole organisation, oldest first; null if you may not see that.',
  })
  roleBindings(
    @Arg('first', () => Int, { description: 'How many, 100 at most.' }) first: number,
    @Arg('after', () => String, { nullable: true, description: 'Go on behind this place.' })
    after: string | null,
    @Ctx() context: Context,
  ): Promise<Connection<RoleBinding>> | null {
    return maySeeOrganisationBindings(context.principal)
      ? pageOfBindings(null, { first, after }, context)
      : null;
  }
}

function pageOfBindings(
  projectId: string | null,
  page: { first: number; after: string | null },
  { repositories: { roleBindings } }: Context,
): Promise<Connection<RoleBinding>> {
  return paginate(page, {
    read: (next) => roleBindings.page(projectId, next),
    key: ({ id }) => id,
    toNode: toRoleBinding,
    count: () => roleBindings.count(projectId),
  });
}
