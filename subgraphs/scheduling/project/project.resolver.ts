import { Arg, Ctx, FieldResolver, Int, Resolver, Root } from 'type-graphql';
import type { Context } from '../context.js';
import { jobsOf } from '../job/job.connection.js';
import { JobConnection } from '../job/job.type.js';
import { Queue, toQueue } from '../queue/queue.type.js';
import { maySeeContents } from '../visibility.js';
import { ProjectStub } from './project.type.js';

@Resolver(() => ProjectStub)
export class ProjectResolver {
  @FieldResolver(() => [Queue], {
    nullable: true,
    description: 'Where its jobs wait, by name. Null where you may not see them.',
  })
  async queues(@Root() { id }: ProjectStub, @Ctx() { loaders, principal }: Context): Promise<Queue[] | null> {
    if (!maySeeContents(principal, id)) return null;
    return (await loaders.queuesOfProject.load(id)).map(toQueue);
  }

  @FieldResolver(() => JobConnection, {
    nullable: true,
    description: 'Its jobs, newest first. Null where you may not see them.',
  })
  async jobs(
    @Root() { id }: ProjectStub,
    @Arg('first', () => Int, { defaultValue: 20, description: 'How many, at most 100.' }) first: number,
    @Arg('after', () => String, { nullable: true, description: 'The `endCursor` of the page before.' })
    after: string | null | undefined,
    @Ctx() context: Context,
  ) {
    return maySeeContents(context.principal, id)
      ? jobsOf(id, {}, { first, after: after ?? null }, context)
      : null;
  }
}
