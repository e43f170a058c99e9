import type { Transaction } from '../database/database.js';
import type { Actor } from '../identity/principal.js';
import type { DomainEvent, Recorded } from './event.js';

/** What every aggregate has, whatever its state: filled from the envelopes of its events. */
export type Entity<State> = {
  readonly id: string;
  /** Null as long as no event of the stream has happened. */
  readonly state: State | null;
  /** 0 as long as no event of the stream has happened. */
  readonly version: number;
  readonly createdAt: string;
  readonly createdBy: Actor;
  readonly updatedAt: string;
};

/** An entity that exists. */
export type Existing<State> = Entity<State> & { readonly state: State };

/**
 * A kind of thing that has a stream of its own. `evolve` is pure and total. `project` keeps the read model: it runs in
 * the command's transaction, so that what was written is read at once, and again at a rebuild; it may use nothing but its
 * arguments and rows of the same entity, so that a rebuilt read model is byte-equal to a live one.
 */
export interface Aggregate<State, Event extends DomainEvent> {
  readonly kind: string;
  /** The types of its events; a context's aggregates share none. */
  readonly types: readonly Event['type'][];
  evolve(state: State | null, event: Recorded<Event>): State;
  project(tx: Transaction, entity: Existing<State>, events: readonly Recorded<Event>[]): Promise<void>;
}

export const unborn = <State>(id: string): Entity<State> => ({
  id,
  state: null,
  version: 0,
  createdAt: '',
  createdBy: { id: '', kind: 'SYSTEM' },
  updatedAt: '',
});

/** The entity after more of its events, which must follow each other without a gap. */
export function evolveEntity<State, Event extends DomainEvent>(
  aggregate: Pick<Aggregate<State, Event>, 'evolve'>,
  entity: Entity<State>,
  events: readonly Recorded<Event>[],
): Entity<State> {
  return events.reduce<Entity<State>>((before, event) => {
    if (event.version !== before.version + 1)
      throw new Error(`Stream ${before.id} goes from version ${before.version} to ${event.version}`);
    const born = before.version === 0;
    return {
      id: before.id,
      state: aggregate.evolve(before.state, event),
      version: event.version,
      createdAt: born ? event.occurredAt : before.createdAt,
      createdBy: born ? event.actor : before.createdBy,
      updatedAt: event.occurredAt,
    };
  }, entity);
}
