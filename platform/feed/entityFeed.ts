import { type Aggregate, type Entity, evolveEntity, type Existing, unborn } from '../eventStore/aggregate.js';
import type { DomainEvent, Positioned } from '../eventStore/event.js';
import type { EventStore } from '../eventStore/eventStore.js';
import type { Tail } from '../log/tail.js';
import { decodeCursor, encodeCursor } from './cursor.js';

/** `event` is null for the snapshot with which a feed begins that was opened without a cursor. */
export type FeedItem<State, Event extends DomainEvent> = {
  readonly cursor: string;
  readonly event: Positioned<Event> | null;
  readonly entity: Existing<State>;
};

/**
 * The life of one entity: without `after` its state now, then every change; with `after` the changes since that cursor,
 * none missing, none twice, each with the state right after it. Ends when the signal aborts.
 */
export async function* entityFeed<State, Event extends DomainEvent>(options: {
  store: EventStore;
  tail: Tail;
  aggregate: Aggregate<State, Event>;
  id: string;
  after: string | null;
  signal: AbortSignal;
}): AsyncGenerator<FeedItem<State, Event>> {
  const { store, tail, aggregate, id, after, signal } = options;
  const head = await tail.fetchHead();
  const start = after === null ? head : decodeCursor(store.context, after);
  const stored = await store.readStream<Event>(id);
  const past = stored.filter((event) => event.position <= start);
  let entity: Entity<State> = evolveEntity(aggregate, unborn<State>(id), past);
  if (after === null && exists(entity))
    yield { cursor: encodeCursor(store.context, start), event: null, entity };

  /** Nothing for what the feed has had already: the stream may have been read beyond the head. */
  function* advance(event: Positioned<Event>): Generator<FeedItem<State, Event>> {
    if (event.version <= entity.version) return;
    entity = evolveEntity(aggregate, entity, [event]);
    if (exists(entity)) yield { cursor: encodeCursor(store.context, event.position), event, entity };
  }

  for (const event of stored) yield* advance(event);
  for await (const events of tail.from(head > start ? head : start, signal))
    for (const event of events) if (event.streamId === id) yield* advance(event as Positioned<Event>);
}

const exists = <State>(entity: Entity<State>): entity is Existing<State> => entity.state !== null;
