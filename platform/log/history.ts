import type { Position, Positioned } from '../eventStore/event.js';

/**
 * A context's own events in position order, wherever that context runs: its store in the same process, else its signed
 * internal endpoint. The truth that the log only announces.
 */
export interface History {
  readonly context: string;
  readContext(after: Position, limit: number): Promise<Positioned[]>;
  head(): Promise<Position>;
}
