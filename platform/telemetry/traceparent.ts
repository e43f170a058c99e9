import { createTraceState, type SpanContext, TraceFlags } from '@opentelemetry/api';

/** The header, or the field of an event, in which W3C Trace Context travels. */
export const TRACEPARENT = 'traceparent';
export const TRACESTATE = 'tracestate';

const PATTERN = /^00-(?!0{32})([0-9a-f]{32})-(?!0{16})([0-9a-f]{16})-([0-9a-f]{2})$/;
const TRACESTATE_LENGTH_MAX = 512;

export const writeTraceparent = ({ traceId, spanId, traceFlags }: SpanContext): string =>
  `00-${traceId}-${spanId}-0${traceFlags & TraceFlags.SAMPLED}`;

/** The span that somebody else began. Null where there is none that can be read. */
export function readTraceparent(traceparent: unknown, tracestate?: unknown): SpanContext | null {
  const [, traceId, spanId, flags] = (typeof traceparent === 'string' && PATTERN.exec(traceparent)) || [];
  if (traceId === undefined || spanId === undefined || flags === undefined) return null;
  const hasState = typeof tracestate === 'string' && tracestate.length <= TRACESTATE_LENGTH_MAX;
  return {
    traceId,
    spanId,
    traceFlags: Number.parseInt(flags, 16) & TraceFlags.SAMPLED,
    isRemote: true,
    ...(hasState && { traceState: createTraceState(tracestate) }),
  };
}
