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
  const start = after === null ? await tail.fetchHead() : decodeCursor(store.context, after);
  const past = (await store.readStream<Event>(id)).filter((event) => event.position <= start);
  let entity: Entity<State> = evolveEntity(aggregate, unborn<State>(id), past);
  if (after === null && exists(entity))
    yield { cursor: encodeCursor(store.context, start), event: null, entity };
  for await (const events of tail.from(start, signal))
    for (const event of events) {
      if (event.streamId !== id) continue;
      const own = event as Positioned<Event>;
      entity = evolveEntity(aggregate, entity, [own]);
      if (exists(entity)) yield { cursor: encodeCursor(store.context, own.position), event: own, entity };
    }
}

const exists = <State>(entity: Entity<State>): entity is Existing<State> => entity.state !== null;
