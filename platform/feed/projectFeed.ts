import { type Aggregate, type Entity, evolveEntity, type Existing, unborn } from '../eventStore/aggregate.js';
import type { DomainEvent, Positioned } from '../eventStore/event.js';
import type { EventStore } from '../eventStore/eventStore.js';
import type { Tail } from '../log/tail.js';
import { decodeCursor, encodeCursor } from './cursor.js';
import type { FeedItem } from './entityFeed.js';

/**
 * Every event of one kind of entity in a project after a cursor, or from now on, none missing, none twice, each with the
 * entity right after it. It begins with no snapshot: open it, then list the entities, and what follows is complete. Ends
 * when the signal aborts.
 */
export async function* projectFeed<State, Event extends DomainEvent>(options: {
  store: EventStore;
  tail: Tail;
  aggregate: Aggregate<State, Event>;
  projectId: string;
  after: string | null;
  signal: AbortSignal;
}): AsyncGenerator<FeedItem<State, Event>> {
  const { store, tail, aggregate, projectId, after, signal } = options;
  const types: readonly string[] = aggregate.types;
  const start = after === null ? await tail.fetchHead() : decodeCursor(store.context, after);
  for await (const events of tail.from(start, signal))
    for (const event of events) {
      if (event.projectId !== projectId || !types.includes(event.type)) continue;
      const past = await store.readStream<Event>(event.streamId);
      const upTo = past.filter(({ version }) => version <= event.version);
      const entity = evolveEntity(aggregate, unborn<State>(event.streamId), upTo);
      const cursor = encodeCursor(store.context, event.position);
      if (exists(entity)) yield { cursor, event: event as Positioned<Event>, entity };
    }
}

const exists = <State>(entity: Entity<State>): entity is Existing<State> => entity.state !== null;
