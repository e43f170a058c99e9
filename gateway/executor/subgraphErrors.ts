import { randomUUID } from 'node:crypto';
import { PublicError, unavailable } from '../../platform/errors.js';
import { cancelled, deadlineExceeded, masked } from '../errors.js';
import type { SubgraphError } from '../transports/transport.js';
import type { Execution } from './execution.js';
import type { Fault } from './failure.js';

/**
 * What clients may read of a subgraph's error. One with a code of its own was written for them; any other may name
 * hosts, tables or files, so they get an id, and the operators get the rest.
 */
export function faultOf(error: SubgraphError, subgraph: string, execution: Execution): Fault {
  const code = error.extensions?.['code'];
  if (typeof code !== 'string' || NOT_FOR_CLIENTS.has(code)) return mask(error, subgraph, execution);
  const extensions: Record<string, unknown> = { code };
  for (const key of ['hint', 'retryable', 'details']) {
    const value = error.extensions?.[key];
    if (value !== undefined) extensions[key] = value;
  }
  return { message: error.message, extensions };
}

/** Codes of bugs: the subgraph's own, or a disagreement between its schema and the supergraph. */
const NOT_FOR_CLIENTS: ReadonlySet<string> = new Set([
  'INTERNAL',
  'INTERNAL_SERVER_ERROR',
  'GRAPHQL_PARSE_FAILED',
  'GRAPHQL_VALIDATION_FAILED',
  'OPERATION_RESOLUTION_FAILURE',
  'DOWNSTREAM_SERVICE_ERROR',
]);

export function mask(error: unknown, subgraph: string, execution: Execution): Fault {
  return masked(report(error, subgraph, execution));
}

/** A call that brought no answer: because its time was up, or because the subgraph cannot be reached. */
export function lossOf(error: unknown, subgraph: string, execution: Execution): Fault {
  const { signal } = execution.call;
  if (signal.aborted) return reasonOf(signal);
  report(error, subgraph, execution);
  return unavailable(subgraph);
}

/** Why a request was ended before its time: whoever aborts it may say so with an error for clients. */
export function reasonOf({ reason }: AbortSignal): Fault {
  if (reason instanceof PublicError) return reason;
  return reason instanceof Error && reason.name === 'TimeoutError' ? deadlineExceeded() : cancelled();
}

function report(error: unknown, subgraph: string, { call, report: tell }: Execution): string {
  const id = randomUUID();
  tell({ id, requestId: call.requestId, subgraph, error });
  return id;
}
