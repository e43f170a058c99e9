import { Arg, Ctx, FieldResolver, Int, Resolver, Root } from 'type-graphql';
import type { Connection } from '../../../platform/graphql/connection.js';
import type { Context } from '../context.js';
import { InstanceConnection, instancesOf } from '../instance/instance.connection.js';
import type { Instance } from '../instance/instance.type.js';
import { seesContents } from '../instance/instance.access.js';
import { ProjectStub } from './project.type.js';

@Resolver(() => ProjectStub)
export class ProjectResolver {
  @FieldResolver(() => InstanceConnection, {
    nullable: true,
    description: 'Its instances, newest first; null if you may not see into the project.',
  })
  async instances(
    @Root() { id }: ProjectStub,
    @Arg('first', () => Int, { defaultValue: 20, description: 'How many, at most 100.' }) first: number,
    @Arg('after', () => String, { nullable: true, description: 'Where the page before ended.' })
    after: string | null,
    @Ctx() context: Context,
  ): Promise<Connection<Instance> | null> {
    return seesContents(context.principal, id) ? instancesOf(id, { first, after }, context) : null;
  }
}
