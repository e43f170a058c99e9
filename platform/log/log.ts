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
  publish(context: string, events: readonly Positioned[]): Promise<void>;
  /** Hands over what is published from now on, in batches. Resolves once nothing more can be missed. */
  subscribe(context: string, receive: (events: readonly Positioned[]) => void): Promise<() => Promise<void>>;
}
