import type { Database, Transaction } from '../database/database.js';
import { type Aggregate, type Entity, evolveEntity, type Existing, unborn } from '../eventStore/aggregate.js';
import { type DomainEvent, type Position, START } from '../eventStore/event.js';
import type { EventStore } from '../eventStore/eventStore.js';

/** Any context's aggregate, as seen by what handles them all alike. */
export interface AnyAggregate {
  readonly kind: string;
  readonly types: readonly string[];
  evolve(state: never, event: never): unknown;
  project(tx: Transaction, entity: never, events: never): Promise<void>;
}

const BATCH = 500;
/** A rebuild is one transaction, however long the history is. */
const TIMEOUT_MS = 24 * 3_600_000;

/**
 * Empties the inline read models of a context and writes them again from its events, in the order in which they
 * happened. One transaction: cut short, it changes nothing. Run it while no command of the context runs. Memory grows
 * with the number of entities, not of events. Returns the position up to which it has read.
 */
export function rebuildReadModels(options: {
  database: Database;
  store: EventStore;
  aggregates: readonly AnyAggregate[];
  clear: (tx: Transaction) => Promise<void>;
}): Promise<Position> {
  const { database, store, aggregates, clear } = options;
  const byType = new Map(aggregates.flatMap((aggregate) => aggregate.types.map((type) => [type, aggregate])));
  return database.prisma.$transaction(
    async (tx) => {
      await clear(tx);
      const entities = new Map<string, Entity<unknown>>();
      for (let position = START; ;) {
        const events = await store.readContext(position, BATCH, tx);
        const last = events.at(-1);
        if (!last) return position;
        for (const event of events) {
          const aggregate = byType.get(event.type) as Aggregate<unknown, DomainEvent> | undefined;
          if (!aggregate)
            throw new Error(`No aggregate of ${store.context} has the event type ${event.type}`);
          const before = entities.get(event.streamId) ?? unborn(event.streamId);
          const after = evolveEntity(aggregate, before, [event]);
          entities.set(event.streamId, after);
          await aggregate.project(tx, after as Existing<unknown>, [event]);
        }
        position = last.position;
      }
    },
    { timeout: TIMEOUT_MS },
  );
}
