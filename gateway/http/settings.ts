import type { DrainTimes } from '../../platform/server/drain.js';

/** The bounds of what clients may do, and for how long. */
export interface ServerSettings {
  /** Whether callers without credentials may ask what the API looks like. */
  readonly allowAnonymousIntrospection: boolean;
  /** The largest body, and the largest message on a socket. */
  readonly bytesMax: number;
  /** Queries and mutations that take longer are aborted. */
  readonly requestTimeoutMs: number;
  readonly socketsMax: number;
  readonly operationsPerSocketMax: number;
  readonly eventStreamsMax: number;
  readonly connectionInitWaitTimeoutMs: number;
  /** How often sockets are pinged. Half-open ones are noticed within twice that. */
  readonly keepAliveMs: number;
  /** How often the rights behind open sockets and event streams are looked at again. */
  readonly recheckMs: number;
  readonly drain: DrainTimes;
}

export const defaultSettings: ServerSettings = {
  allowAnonymousIntrospection: true,
  bytesMax: 256 * 1024,
  requestTimeoutMs: 30_000,
  socketsMax: 10_000,
  operationsPerSocketMax: 100,
  eventStreamsMax: 10_000,
  connectionInitWaitTimeoutMs: 5_000,
  keepAliveMs: 12_000,
  recheckMs: 4_000,
  drain: { spreadMs: 1_000, idleMs: 500, limitMs: 4_000 },
};
