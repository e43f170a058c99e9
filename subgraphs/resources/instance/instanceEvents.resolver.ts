import { Arg, ID, Resolver, Root, Subscription } from 'type-graphql';
import { Cursor } from '../../../platform/graphql/scalars.js';
import type { Context } from '../context.js';
import { type InstanceFeedArgs, openInstanceFeed } from './instance.feed.js';
import { InstanceFeedItem } from './instancePayload.type.js';

type Subscribed = { args: InstanceFeedArgs; context: Context };

@Resolver()
export class InstanceEventsResolver {
  @Subscription(() => InstanceFeedItem, {
    subscribe: ({ args, context }: Subscribed) => openInstanceFeed(args, context),
    description:
      'What happens to an instance, or to all instances of a project. Of one instance it begins with how it stands, unless you say after which item to go on.',
  })
  instanceEvents(
    @Root() item: InstanceFeedItem,
    @Arg('id', () => ID, { nullable: true, description: 'One instance.' }) _id: string | null,
    @Arg('projectId', () => ID, { nullable: true, description: 'All instances of a project.' })
    _projectId: string | null,
    @Arg('after', () => Cursor, { nullable: true, description: 'Go on behind this item, missing none.' })
    _after: string | null,
  ): InstanceFeedItem {
    return item;
  }
}
