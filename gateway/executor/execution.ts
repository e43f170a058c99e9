import type { CallContext, SubgraphResponse, Transports } from '../transports/transport.js';
import type { Data } from './merge.js';

/** What operators are told of an error whose text clients do not see. They see `id`. */
export interface MaskedError {
  readonly id: string;
  readonly requestId: string;
  readonly subgraph: string;
  readonly error: unknown;
}

/** One run of an operation: what it may use, and what it has gathered. Every event of a subscription has its own. */
export interface Execution {
  readonly transports: Transports;
  readonly call: CallContext;
  readonly variables: Data;
  readonly report: (masked: MaskedError) => void;
  readonly data: Data;
  /** Errors that no place in the data can show, as JSON text. */
  readonly unplaced: string[];
  /** What mutations wrote, by subgraph. Later calls of the same run carry it, so that they read those writes. */
  readonly positions: Record<string, string>;
}

export function createExecution(
  from: Pick<Execution, 'transports' | 'call' | 'variables' | 'report'>,
): Execution {
  return { ...from, data: {}, unplaced: [], positions: {} };
}

/** The positions are the newest value for each subgraph that the caller or this run knows. */
export function callOf({ call, positions }: Execution): CallContext {
  for (const _ in positions) return { ...call, positions: { ...call.positions, ...positions } };
  return call;
}

export function notePositions({ positions }: Execution, { extensions }: SubgraphResponse): void {
  if (extensions?.positions) Object.assign(positions, extensions.positions);
}
