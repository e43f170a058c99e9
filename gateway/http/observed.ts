import { SpanKind, trace } from '@opentelemetry/api';
import { secondsSince } from '../../platform/telemetry/metrics.js';
import { activeContext } from '../../platform/telemetry/scope.js';
import { traced } from '../../platform/telemetry/tracing.js';
import type { GraphQLRequest, TextResult } from '../engine.js';
import { tellsErrors } from '../executor/runOperation.js';
import { openSubscriptions, operationDurations } from '../metrics.js';
import type { Operation } from './operations.js';

/** Names of operations that may be told apart in metrics. Others are counted together: callers make up what they like. */
export type KnownOperations = ReadonlySet<string>;

const OTHER = 'other';
const HEAD = /^\s*(?:query|mutation|subscription)\s+(\w+)/;

/** The name that the caller gives, or that of a document whose first operation has one. */
export const nameOf = ({ operationName, query }: GraphQLRequest): string | null =>
  operationName ?? HEAD.exec(query)?.[1] ?? null;

/** How a query or mutation ended: answered, answered with errors, not executed, or not even answered. */
export type OperationOutcome = 'ok' | 'errors' | 'refused' | 'failed';

export const outcomeOf = ({ ok, text }: TextResult): OperationOutcome =>
  ok ? (tellsErrors(text) ? 'errors' : 'ok') : 'refused';

export interface Observed {
  outcome: OperationOutcome;
}

/**
 * Runs an operation in a span of its own, which lives as long as the operation, and tells how long queries and mutations
 * take by name and outcome. `run` notes how it ends.
 */
export function observeOperation(
  { kind, request, parent }: Pick<Operation, 'kind' | 'request' | 'parent'>,
  known: KnownOperations,
  run: Run,
): Promise<void> {
  const name = nameOf(request);
  const operation = name !== null && known.has(name) ? name : OTHER;
  const isInRequest = trace.getSpan(activeContext()) !== undefined;
  const span = {
    kind: isInRequest ? SpanKind.INTERNAL : SpanKind.SERVER,
    parent,
    attributes: { 'graphql.operation.type': kind, ...(name !== null && { 'graphql.operation.name': name }) },
  };
  const observe = kind === 'subscription' ? countWhile : measure;
  return traced(operation === OTHER ? kind : `${kind} ${operation}`, span, () =>
    observe({ operation, kind }, run),
  );
}

type Run = (observed: Observed) => Promise<void>;

async function measure(labels: { operation: string; kind: string }, run: Run): Promise<void> {
  const startedAt = performance.now();
  const observed: Observed = { outcome: 'failed' };
  try {
    await run(observed);
  } finally {
    operationDurations.observe({ ...labels, outcome: observed.outcome }, secondsSince(startedAt));
  }
}

async function countWhile(_labels: unknown, run: Run): Promise<void> {
  openSubscriptions.inc();
  try {
    await run({ outcome: 'failed' });
  } finally {
    openSubscriptions.dec();
  }
}
