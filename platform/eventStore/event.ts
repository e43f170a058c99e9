import type { Actor } from '../identity/principal.js';

/** A past fact. `data` is JSON only: no Date, no undefined. */
export type DomainEvent = { type: string; data: object };

/** Why an event exists: who did it, in which request, as a consequence of what. */
export type Origin = {
  actor: Actor;
  /** The person for whom a service account or a process manager acted. */
  onBehalfOf: string | null;
  requestId: string;
  /** The same for everything that one request set off, across contexts. */
  correlationId: string;
  /** The id of the event or request that led to this one. */
  causationId: string | null;
  /** The span that it happened in, as a W3C traceparent; absent unless that was recorded. No part of the fact. */
  trace?: string;
};

/** An event with its envelope. `occurredAt` is the database's time of the decision, as an ISO string. */
export type Recorded<Event extends DomainEvent = DomainEvent> = Event &
  Origin & {
    id: string;
    context: string;
    streamId: string;
    /** 1..n without a gap in each stream. */
    version: number;
    schemaVersion: number;
    projectId: string | null;
    occurredAt: string;
  };

/**
 * A place in a context's order. Opaque outside platform/: today one integer, with sharding one per shard.
 * Comparable within one context only.
 */
export type Position = bigint;

export const START: Position = 0n;

/** A stored event with its place in the context's order. */
export type Positioned<Event extends DomainEvent = DomainEvent> = Recorded<Event> & {
  position: Position;
  recordedAt: string;
};
