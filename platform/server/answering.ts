import { SpanKind } from '@opentelemetry/api';
import type { SubgraphCall } from '../graphql/requestContext.js';
import { withinRequest } from '../telemetry/scope.js';
import { createDurations, secondsSince } from '../telemetry/metrics.js';
import { continuing, isTracing, traced } from '../telemetry/tracing.js';

const durations = createDurations(
  'fleetgraph_subgraph_operation_duration_seconds',
  'How long a subgraph took to answer an operation of the gateway.',
  ['subgraph', 'kind', 'outcome'],
);

type Answer = { errors?: readonly unknown[] };

/** Does a subgraph's work for a call: as part of the caller's request and, in a span of its own, of its trace. */
export function answering<Result extends Answer>(
  call: SubgraphCall,
  { name, document }: { name: string; document: string },
  work: () => Promise<Result>,
): Promise<Result> {
  const measured = () => measure({ subgraph: name, kind: kindOf(document) }, work);
  return withinRequest(call, () => {
    if (!isTracing()) return measured();
    const { parent } = call;
    const kind = parent ? SpanKind.SERVER : SpanKind.INTERNAL;
    const attributes = { 'fleetgraph.context': name };
    return traced(describe(document), { kind, parent, attributes }, measured);
  });
}

async function measure<Result extends Answer>(
  labels: { subgraph: string; kind: string },
  work: () => Promise<Result>,
): Promise<Result> {
  const startedAt = performance.now();
  let outcome = 'failed';
  try {
    const answer = await work();
    outcome = answer.errors ? 'errors' : 'ok';
    return answer;
  } finally {
    durations.observe({ ...labels, outcome }, secondsSince(startedAt));
  }
}

/** The same for one step of a stream, whose span is the caller's: it lives as long as the stream. */
export const streaming = <Result>(call: SubgraphCall, work: () => Result): Result =>
  withinRequest(call, () => continuing(call.parent, work));

const KIND = /^\s*(query|mutation)\b/;
const kindOf = (document: string): string => KIND.exec(document)?.[1] ?? 'query';

const HEAD = /^\s*(query|mutation|subscription)?[^{]*\{\s*(?:\w+\s*:\s*)?(\w+)/;

/** The kind of a document and its first root field, without reading all of it. */
function describe(document: string): string {
  const [, kind = 'query', field = ''] = HEAD.exec(document) ?? [];
  return `${kind} ${field}`.trimEnd();
}
