import type { InstanceEvent } from '../../../contracts/resources.events.js';
import { badUserInput, notFound } from '../../../platform/errors.js';
import { decodeCursor } from '../../../platform/feed/cursor.js';
import { entityFeed, type FeedItem } from '../../../platform/feed/entityFeed.js';
import { projectFeed } from '../../../platform/feed/projectFeed.js';
import type { Context } from '../context.js';
import { seesContents } from './instance.access.js';
import type { InstanceState } from './instance.js';
import { instanceAggregate } from './instance.projection.js';
import { toInstance } from './instance.type.js';
import type { InstanceFeedItem } from './instancePayload.type.js';
import { visibleInstance } from './visibleInstance.js';

export type InstanceFeedArgs = { id?: string | null; projectId?: string | null; after?: string | null };

type Item = FeedItem<InstanceState, InstanceEvent>;

/**
 * The life of one instance, or of all of a project. Refused at once for who may not see it; then it is open until the
 * call's signal aborts.
 */
export async function openInstanceFeed(
  args: InstanceFeedArgs,
  context: Context,
): Promise<AsyncIterable<InstanceFeedItem>> {
  return toFeedItems(await openFeed(args, context), context);
}

async function* toFeedItems(items: AsyncIterable<Item>, context: Context): AsyncGenerator<InstanceFeedItem> {
  for await (const item of items) {
    // What the loaders have read is as old as the item before.
    context.forget();
    yield toFeedItem(item);
  }
}

async function openFeed(
  { id = null, projectId = null, after = null }: InstanceFeedArgs,
  context: Context,
): Promise<AsyncIterable<Item>> {
  const { store, tails, call, principal } = context;
  if ((id === null) === (projectId === null))
    throw badUserInput([{ path: ['id'], message: 'give an id or a projectId, and not both' }]);
  if (after !== null) decodeCursor(store.context, after);
  if (id !== null) {
    if (!(await visibleInstance(id, context))) throw notFound('Instance', id);
    const tail = await tails(store.context);
    return entityFeed({ store, tail, aggregate: instanceAggregate, id, after, signal: call.signal });
  }
  if (projectId === null || !seesContents(principal, projectId)) throw notFound('Project', projectId ?? '');
  const tail = await tails(store.context);
  return projectFeed({ store, tail, aggregate: instanceAggregate, projectId, after, signal: call.signal });
}

const toFeedItem = ({ cursor, event, entity }: Item): InstanceFeedItem => ({
  cursor,
  type: event?.type ?? 'SNAPSHOT',
  at: event?.occurredAt ?? entity.updatedAt,
  instance: toInstance(entity),
});
