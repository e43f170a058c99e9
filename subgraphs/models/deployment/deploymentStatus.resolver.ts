import { Arg, ID, Resolver, Root, Subscription } from 'type-graphql';
import { Cursor } from '../../../platform/graphql/scalars.js';
import type { Context } from '../context.js';
import { type DeploymentFeedArgs, openDeploymentFeed } from './deployment.feed.js';
import { DeploymentFeedItem } from './deployment.type.js';

type Subscribed = { args: DeploymentFeedArgs; context: Context };

@Resolver()
export class DeploymentStatusResolver {
  @Subscription(() => DeploymentFeedItem, {
    subscribe: ({ args, context }: Subscribed) => openDeploymentFeed(args, context),
    description:
      'What happens to a deployment. It begins with how it stands, unless you say after which item to go on.',
  })
  deploymentStatus(
    @Root() item: DeploymentFeedItem,
    @Arg('id', () => ID, { description: 'The deployment.' }) _id: string,
    @Arg('after', () => Cursor, { nullable: true, description: 'Go on behind this item, missing none.' })
    _after: string | null,
  ): DeploymentFeedItem {
    return item;
  }
}
