import type { Positioned } from '../eventStore/event.js';

/**
 * The log announces events; it is not where history is read. Publishing is at least once and in position order, so a
 * receiver may see an event again, may miss some while it is away, but never sees the first occurrences out of order.
 * Adapters: in process, Kafka. All pass the contract suite in test/contract/log.suite.ts.
 */
export interface EventLog extends AsyncDisposable {
  /**
   * Whether what one process publishes reaches the others. Then one process per context publishes for all (see relay.ts);
   * a log that is not shared is published to by every process for itself, whoever committed the events.
   */
  readonly isShared: boolean;
  /** Rejects within seconds if it cannot be done; some of the events may be published all the same. */
  publish(context: string, events: readonly Positioned[]): Promise<void>;
  /**
   * Hands over what is published from now on, in batches. Resolves once nothing more can be missed. A log that is away
   * holds nobody up: then what is published before it is back may be missed.
   */
  subscribe(context: string, receive: (events: readonly Positioned[]) => void): Promise<() => Promise<void>>;
  /** How often, as things are now, a reader has to look at the history by itself so as not to be late. */
  pollMs(): number;
}

/** What `publish` rejects with while the log is away. The adapter has logged that it is, once for the whole outage. */
export class LogAway extends Error {
  override readonly name = 'LogAway';
}

/** Where everything is announced: only what was lost on the way comes so late. */
export const POLL_MS = 1_000;
