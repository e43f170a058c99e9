import { Arg, Ctx, FieldResolver, ID, Int, Mutation, Query, Resolver, Root } from 'type-graphql';
import { type Connection, paginate } from '../../../platform/graphql/connection.js';
import { DateTime } from '../../../platform/graphql/scalars.js';
import { AvailableAction } from '../../../platform/graphql/values.type.js';
import { PERMISSIONS } from '../../../contracts/permissions.js';
import { may } from '../../../platform/identity/principal.js';
import { actionByRight, AVAILABLE_ACTIONS } from '../availableAction.js';
import type { Context } from '../context.js';
import { createProject } from './project.commands.js';
import { CreateProjectInput, CreateProjectPayload } from './project.inputs.js';
import { projectAggregate } from './project.projection.js';
import { Project, ProjectConnection, toProject } from './project.type.js';
import { maySeeProject, visibleProject, visibleProjects } from './visibleProject.js';

@Resolver(() => Project)
export class ProjectResolver {
  @Query(() => Project, {
    nullable: true,
    description: 'A project by its id; null if there is none that you may see.',
  })
  async project(
    @Arg('id', () => ID, { description: 'Its id.' }) id: string,
    @Arg('asOf', () => DateTime, { nullable: true, description: 'As it was then; without it, as it is now.' })
    asOf: Date | null,
    @Ctx() context: Context,
  ): Promise<Project | null> {
    const project = await visibleProject(id, context);
    if (!project || !asOf) return project;
    const { state, ...past } = await context.store.load(projectAggregate, id, { until: asOf.toISOString() });
    return state && toProject({ ...past, state });
  }

  @Query(() => Project, {
    nullable: true,
    description: 'A project by its key; null if there is none that you may see.',
  })
  async projectByKey(
    @Arg('key', () => String, { description: 'Its key, for example `vision`.' }) key: string,
    @Ctx() { repositories, principal }: Context,
  ): Promise<Project | null> {
    const project = await repositories.projects.findByKey(key);
    return project && maySeeProject(project.id, principal) ? toProject(project) : null;
  }

  @Query(() => ProjectConnection, { description: 'The projects that you may see, by their keys.' })
  projects(
    @Arg('first', () => Int, { description: 'How many, 100 at most.' }) first: number,
    @Arg('after', () => String, { nullable: true, description: 'Go on behind this place.' })
    after: string | null,
    @Ctx() context: Context,
  ): Promise<Connection<Project>> {
    return pageOfProjects({ first, after }, context);
  }

  @Mutation(() => CreateProjectPayload, {
    description: 'Creates a project. `PROJECT_KEY_TAKEN` if another one has the key.',
  })
  createProject(
    @Arg('input', () => CreateProjectInput, { description: 'The project.' }) input: CreateProjectInput,
    @Ctx() context: Context,
  ): Promise<CreateProjectPayload> {
    return createProject(input, context);
  }

  @FieldResolver()
  parent(@Root() { parentId }: Project, @Ctx() context: Context): Promise<Project | null> | null {
    return parentId === null ? null : visibleProject(parentId, context);
  }

  @FieldResolver()
  viewerPermissions(@Root() { id }: Project, @Ctx() { principal }: Context): string[] {
    return PERMISSIONS.filter((permission) => may(principal, permission, id));
  }

  @FieldResolver(() => [AvailableAction], AVAILABLE_ACTIONS)
  availableActions(@Root() { id: projectId }: Project, @Ctx() { principal }: Context): AvailableAction[] {
    const scope = { viewer: principal, projectId };
    return [
      actionByRight('createProject', 'project:create', scope),
      actionByRight('setQuota', 'quota:set', scope),
      actionByRight('bindRole', 'role:bind', scope),
    ];
  }
}

/** Also the caller's own projects: who may see a project is decided by the caller's rights alone. */
export function pageOfProjects(
  page: { first: number; after: string | null },
  { repositories: { projects }, principal }: Context,
): Promise<Connection<Project>> {
  const scope = visibleProjects(principal);
  return paginate(page, {
    read: (next) => projects.page(scope, next),
    key: ({ state }) => state.key,
    toNode: toProject,
    count: () => projects.count(scope),
  });
}
