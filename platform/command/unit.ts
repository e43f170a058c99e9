import { v7 as uuidv7 } from 'uuid';
import type { Transaction } from '../database/database.js';
import { conflict } from '../errors.js';
import { type Aggregate, type Entity, evolveEntity, type Existing } from '../eventStore/aggregate.js';
import type { DomainEvent, Origin, Recorded } from '../eventStore/event.js';
import type { EventStore } from '../eventStore/eventStore.js';

/**
 * One command's transaction. Everything read and written through `tx`, every saved event and every timer commit
 * together or not at all. `now` is the database's time, the same for the whole command.
 */
export interface Unit {
  readonly tx: Transaction;
  readonly now: Date;
  readonly origin: Origin;
  /**
   * The entity as its stream says, or an unborn one, with what this unit has saved. If others have moved it on from
   * `expectedVersion`, it is refused with CONFLICT.
   */
  load<State, Event extends DomainEvent>(
    aggregate: Aggregate<State, Event>,
    id: string,
    expectedVersion?: number | null,
  ): Promise<Entity<State>>;
  /**
   * Takes events for an entity that was loaded here, and writes its read model. The first entity saved is the one that
   * the command's answer speaks of. Saving no events changes nothing.
   */
  save<State, Event extends DomainEvent>(
    aggregate: Aggregate<State, Event>,
    entity: Entity<State>,
    events: readonly Event[],
    projectId: string | null,
  ): Promise<Existing<State>>;
  /** Sets a timer, or moves it; it is handed to the context's timer of that name when due, at least once. */
  setTimer(name: string, key: string, dueAt: Date, payload?: object): Promise<void>;
  clearTimer(name: string, key: string): Promise<void>;
}

export type Saved = {
  readonly entities: Map<string, unknown>;
  readonly events: Recorded[];
  primary: { eventId: string | null; version: number } | null;
};

/** The unit, and what it has saved so far, for the one who commits it. */
export function createUnit(
  store: EventStore,
  tx: Transaction,
  now: Date,
  origin: Origin,
): { unit: Unit; saved: Saved } {
  const saved: Saved = { entities: new Map(), events: [], primary: null };
  const occurredAt = now.toISOString();
  const context = store.context;

  const unit: Unit = {
    tx,
    now,
    origin,
    async load<State, Event extends DomainEvent>(
      aggregate: Aggregate<State, Event>,
      id: string,
      expectedVersion?: number | null,
    ) {
      const own = saved.entities.get(id);
      if (own) return own as Entity<State>;
      const entity = await store.load(aggregate, id, { reader: tx });
      if (expectedVersion != null && entity.version > 0 && entity.version !== expectedVersion)
        throw conflict(id, expectedVersion, entity.version);
      return entity;
    },
    async save(aggregate, entity, events, projectId) {
      const recorded = events.map((event, index) => ({
        ...event,
        ...origin,
        id: uuidv7(),
        context,
        streamId: entity.id,
        version: entity.version + index + 1,
        schemaVersion: store.schemaVersion(event.type),
        projectId,
        occurredAt,
      }));
      const after = evolveEntity(aggregate, entity, recorded);
      if (!exists(after)) throw new Error(`${aggregate.kind} ${entity.id} was saved before it exists`);
      saved.primary ??= { eventId: recorded[0]?.id ?? null, version: after.version };
      if (recorded.length > 0) {
        saved.events.push(...recorded);
        saved.entities.set(entity.id, after);
        await aggregate.project(tx, after, recorded);
      }
      return after;
    },
    async setTimer(name, key, dueAt, payload = {}) {
      await tx.timer.upsert({
        where: { context_name_key: { context, name, key } },
        create: { context, name, key, dueAt, payload },
        update: { dueAt, payload },
      });
    },
    async clearTimer(name, key) {
      await tx.timer.deleteMany({ where: { context, name, key } });
    },
  };
  return { unit, saved };
}

const exists = <State>(entity: Entity<State>): entity is Existing<State> => entity.state !== null;
