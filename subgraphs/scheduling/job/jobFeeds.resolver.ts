import { Arg, ID, Resolver, Root, Subscription } from 'type-graphql';
import { Cursor } from '../../../platform/graphql/scalars.js';
import type { Context } from '../context.js';
import { openJobEvents, openJobStatus } from './job.feed.js';
import { JobFeedItem } from './jobPayload.type.js';

type Subscribed<Args> = { args: Args & { after?: string | null }; context: Context };

@Resolver()
export class JobFeedsResolver {
  @Subscription(() => JobFeedItem, {
    subscribe: ({ args: { id, after = null }, context }: Subscribed<{ id: string }>) =>
      openJobStatus({ id, after }, context),
    description:
      'What happens to a job. It begins with how the job stands, unless you say after which item to go on.',
  })
  jobStatus(
    @Root() item: JobFeedItem,
    @Arg('id', () => ID, { description: 'The job.' }) _id: string,
    @Arg('after', () => Cursor, { nullable: true, description: 'Go on behind this item, missing none.' })
    _after: string | null,
  ): JobFeedItem {
    return item;
  }

  @Subscription(() => JobFeedItem, {
    subscribe: ({ args: { projectId, after = null }, context }: Subscribed<{ projectId: string }>) =>
      openJobEvents({ projectId, after }, context),
    description: 'What happens to all jobs of a project, from now on, or behind the item that you name.',
  })
  jobEvents(
    @Root() item: JobFeedItem,
    @Arg('projectId', () => ID, { description: 'The project.' }) _projectId: string,
    @Arg('after', () => Cursor, { nullable: true, description: 'Go on behind this item, missing none.' })
    _after: string | null,
  ): JobFeedItem {
    return item;
  }
}
