import { Arg, Ctx, FieldResolver, Int, Query, Resolver } from 'type-graphql';
import { PERMISSIONS } from '../../../contracts/permissions.js';
import type { Connection } from '../../../platform/graphql/connection.js';
import { may } from '../../../platform/identity/principal.js';
import type { Context } from '../context.js';
import { type Project, ProjectConnection } from '../project/project.type.js';
import { pageOfProjects } from '../project/project.resolver.js';
import { Me } from './me.type.js';

@Resolver(() => Me)
export class MeResolver {
  @Query(() => Me, { description: 'Who you are here, and what you may do.' })
  me(@Ctx() { principal }: Context): Me {
    const { id, kind, displayName, projects } = principal;
    const held = new Set(Object.values(projects).flat());
    const permissions = PERMISSIONS.filter((right) => held.has(right) || may(principal, right));
    return { id, kind, displayName, permissions };
  }

  @FieldResolver(() => ProjectConnection, { description: 'The projects that you may see, by their keys.' })
  projects(
    @Arg('first', () => Int, { description: 'How many, 100 at most.' }) first: number,
    @Arg('after', () => String, { nullable: true, description: 'Go on behind this place.' })
    after: string | null,
    @Ctx() context: Context,
  ): Promise<Connection<Project>> {
    return pageOfProjects({ first, after }, context);
  }
}
