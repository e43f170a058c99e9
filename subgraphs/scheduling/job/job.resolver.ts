import { Arg, Ctx, FieldResolver, ID, Query, Resolver, Root } from 'type-graphql';
import { AVAILABLE_ACTIONS } from '../../../platform/graphql/entity.type.js';
import { AvailableAction } from '../../../platform/graphql/values.type.js';
import type { Context } from '../context.js';
import { visibleQueue } from '../queue/queue.resolver.js';
import { Queue } from '../queue/queue.type.js';
import { maySeeContents } from '../visibility.js';
import { Job, toJob } from './job.type.js';

@Resolver(() => Job)
export class JobResolver {
  @Query(() => Job, { nullable: true, description: 'One job.' })
  job(
    @Arg('id', () => ID, { description: 'Its id.' }) id: string,
    @Ctx() context: Context,
  ): Promise<Job | null> {
    return visibleJob(id, context);
  }

  @FieldResolver(() => Queue, { nullable: true, description: 'The queue that it waits, or waited, in.' })
  queue(@Root() { queueId }: Job, @Ctx() context: Context): Promise<Queue | null> {
    return visibleQueue(queueId, context);
  }

  /** Jobs have no commands yet. */
  @FieldResolver(() => [AvailableAction], AVAILABLE_ACTIONS)
  availableActions(): AvailableAction[] {
    return [];
  }
}

/** The one door to jobs: what the viewer may not see is missing. */
export async function visibleJob(id: string, { loaders, principal }: Context): Promise<Job | null> {
  const job = await loaders.job.load(id);
  return job && maySeeContents(principal, job.state.projectId) ? toJob(job) : null;
}
