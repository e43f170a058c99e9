import { SpanKind } from '@opentelemetry/api';
import type { SubgraphCall } from '../graphql/requestContext.js';
import { withinRequest } from '../telemetry/scope.js';
import { continuing, isTracing, traced } from '../telemetry/tracing.js';

/** Does a subgraph's work for a call: as part of the caller's request and, in a span of its own, of its trace. */
export function answering<Result>(
  call: SubgraphCall,
  { name, document }: { name: string; document: string },
  work: () => Promise<Result>,
): Promise<Result> {
  return withinRequest(call, () => {
    if (!isTracing()) return work();
    const { parent } = call;
    const kind = parent ? SpanKind.SERVER : SpanKind.INTERNAL;
    const attributes = { 'fleetgraph.context': name };
    return traced(describe(document), { kind, parent, attributes }, work);
  });
}

/** The same for one step of a stream, whose span is the caller's: it lives as long as the stream. */
export const streaming = <Result>(call: SubgraphCall, work: () => Result): Result =>
  withinRequest(call, () => continuing(call.parent, work));

const HEAD = /^\s*(query|mutation|subscription)?[^{]*\{\s*(?:\w+\s*:\s*)?(\w+)/;

/** The kind of a document and its first root field, without reading all of it. */
function describe(document: string): string {
  const [, kind = 'query', field = ''] = HEAD.exec(document) ?? [];
  return `${kind} ${field}`.trimEnd();
}
