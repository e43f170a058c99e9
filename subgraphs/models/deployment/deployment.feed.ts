import { notFound } from '../../../platform/errors.js';
import { decodeCursor } from '../../../platform/feed/cursor.js';
import { entityFeed } from '../../../platform/feed/entityFeed.js';
import type { Context } from '../context.js';
import { deploymentAggregate } from './deployment.projection.js';
import { type DeploymentFeedItem, toDeployment } from './deployment.type.js';
import { visibleDeployment } from './visibleDeployment.js';

export type DeploymentFeedArgs = { id: string; after?: string | null };

/** The life of a deployment. Refused at once for who may not see it; then it is open until the call's signal aborts. */
export async function openDeploymentFeed(
  { id, after = null }: DeploymentFeedArgs,
  context: Context,
): Promise<AsyncIterable<DeploymentFeedItem>> {
  if (after !== null) decodeCursor(context.store.context, after);
  if (!(await visibleDeployment(id, context))) throw notFound('Deployment', id);
  return itemsOf(id, after, context);
}

async function* itemsOf(
  id: string,
  after: string | null,
  context: Context,
): AsyncGenerator<DeploymentFeedItem> {
  const { store, tails, call } = context;
  const tail = await tails(store.context);
  const feed = { store, tail, aggregate: deploymentAggregate, id, after, signal: call.signal };
  for await (const { cursor, event, entity } of entityFeed(feed)) {
    // What the loaders have read is as old as the item before.
    context.forget();
    yield {
      cursor,
      type: event?.type ?? 'SNAPSHOT',
      at: event?.occurredAt ?? entity.updatedAt,
      deployment: toDeployment(entity),
    };
  }
}
