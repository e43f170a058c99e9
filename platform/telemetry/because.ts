import { SpanKind } from '@opentelemetry/api';
import type { Positioned } from '../eventStore/event.js';
import { withinRequest } from './scope.js';
import { readTraceparent } from './traceparent.js';
import { isTracing, traced } from './tracing.js';

/** Does the work that an event leads to: it belongs to the event's request, and is a part of its trace if it has one. */
export function because<Result>(
  event: Positioned,
  name: string,
  work: () => Promise<Result>,
): Promise<Result> {
  const parent = isTracing() ? readTraceparent(event.trace) : null;
  const attributes = { 'fleetgraph.event': event.type, 'fleetgraph.stream': event.streamId };
  return withinRequest(event, () =>
    parent ? traced(name, { kind: SpanKind.CONSUMER, parent, attributes }, work) : work(),
  );
}

/** The same for work on many events at once: a part of the first one's trace, with links to those of the others. */
export function becauseOfAll<Result>(
  events: readonly Positioned[],
  name: string,
  kind: SpanKind,
  work: () => Promise<Result>,
): Promise<Result> {
  if (!isTracing()) return work();
  const texts = new Set(events.flatMap((event) => event.trace ?? []));
  const [parent, ...others] = [...texts].flatMap((text) => readTraceparent(text) ?? []);
  if (!parent) return work();
  const links = others.map((context) => ({ context }));
  return traced(name, { kind, parent, links, attributes: { 'fleetgraph.batch': events.length } }, work);
}
