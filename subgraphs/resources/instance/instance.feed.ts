import type { InstanceEvent } from '../../../contracts/resources.events.js';
import { badUserInput, notFound } from '../../../platform/errors.js';
import { type Entity, evolveEntity, type Existing, unborn } from '../../../platform/eventStore/aggregate.js';
import type { Positioned } from '../../../platform/eventStore/event.js';
import { decodeCursor, encodeCursor } from '../../../platform/feed/cursor.js';
import { entityFeed, type FeedItem } from '../../../platform/feed/entityFeed.js';
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
  return projectFeed(projectId, after, context);
}

/**
 * Every event of a project's instances after a cursor, or from now on, each with the instance right after it. It begins
 * with no snapshot: list the instances first, then what follows is complete.
 */
async function* projectFeed(
  projectId: string,
  after: string | null,
  { store, tails, call }: Context,
): AsyncGenerator<Item> {
  const tail = await tails(store.context);
  const start = after === null ? await tail.fetchHead() : decodeCursor(store.context, after);
  for await (const events of tail.from(start, call.signal))
    for (const event of events) {
      if (event.projectId !== projectId || !isOfInstance(event)) continue;
      const past = await store.readStream<InstanceEvent>(event.streamId);
      const upTo = past.filter(({ version }) => version <= event.version);
      const entity = evolveEntity(instanceAggregate, unborn<InstanceState>(event.streamId), upTo);
      if (exists(entity)) yield { cursor: encodeCursor(store.context, event.position), event, entity };
    }
}

const isOfInstance = (event: Positioned): event is Positioned<InstanceEvent> =>
  (instanceAggregate.types as readonly string[]).includes(event.type);

const exists = (entity: Entity<InstanceState>): entity is Existing<InstanceState> => entity.state !== null;

const toFeedItem = ({ cursor, event, entity }: Item): InstanceFeedItem => ({
  cursor,
  type: event?.type ?? 'SNAPSHOT',
  at: event?.occurredAt ?? entity.updatedAt,
  instance: toInstance(entity),
});
