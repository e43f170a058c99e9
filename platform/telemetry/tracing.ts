import {
  type Attributes,
  type Link,
  ROOT_CONTEXT,
  type Span,
  type SpanContext,
  SpanKind,
  SpanStatusCode,
  trace,
  type Tracer,
  TraceFlags,
} from '@opentelemetry/api';
import { PublicError } from '../errors.js';
import { activeContext, runWithin } from './scope.js';
import { readTraceparent, TRACEPARENT, TRACESTATE, writeTraceparent } from './traceparent.js';

export interface SpanOptions {
  readonly kind?: SpanKind;
  readonly attributes?: Attributes;
  /** What it is part of, if that is not what runs now. */
  readonly parent?: SpanContext | null | undefined;
  readonly links?: Link[];
}

/** One of a process, as there is one way out for its spans. Null while nobody asked for traces: then nothing is done. */
let tracer: Tracer | null = null;

/** Begins to make spans of whatever is traced. Returns what ends that. */
export function traceWith(given: Tracer): () => void {
  tracer = given;
  return () => (tracer = null);
}

export const isTracing = (): boolean => tracer !== null;

/** Runs the work within a span, which tells what it fails with. Without tracing it just runs the work. */
export function traced<Result>(
  name: string,
  options: SpanOptions,
  work: (span: Span | null) => Promise<Result>,
): Promise<Result> {
  if (!tracer) return work(null);
  const { kind = SpanKind.INTERNAL, attributes = {}, links = [], parent } = options;
  const scope = parent ? trace.setSpanContext(activeContext(), parent) : activeContext();
  const span = tracer.startSpan(name, { kind, attributes, links }, scope);
  return runWithin(trace.setSpan(scope, span), () => finish(span, work));
}

/** The same for what also goes on all the time in the background: it makes a span only as a part of another. */
export const tracedWithin: typeof traced = (name, options, work) =>
  isWithinTrace() ? traced(name, options, work) : work(null);

async function finish<Result>(span: Span, work: (span: Span) => Promise<Result>): Promise<Result> {
  try {
    return await work(span);
  } catch (error) {
    noteFailure(span, error);
    throw error;
  } finally {
    span.end();
  }
}

/** A refusal is an answer, and named by its code. Texts of errors are for the log, which has the same trace id. */
function noteFailure(span: Span, error: unknown): void {
  const refusal = error instanceof PublicError ? error.extensions : null;
  const type = refusal?.code ?? (error instanceof Error ? error.name : 'Error');
  span.setAttribute('error.type', type);
  if (!refusal || refusal.retryable) span.setStatus({ code: SpanStatusCode.ERROR, message: type });
}

/** Whether what runs now is a part of something that is recorded. */
export function isWithinTrace(): boolean {
  const span = tracer && trace.getSpan(activeContext());
  return span ? span.isRecording() || isRecordedElsewhere(span.spanContext()) : false;
}

const isRecordedElsewhere = ({ isRemote, traceFlags }: SpanContext): boolean =>
  isRemote === true && (traceFlags & TraceFlags.SAMPLED) !== 0;

/** The parent that a caller names in its headers, if traces are made at all. */
export const parentIn = (headers: Readonly<Record<string, unknown>>): SpanContext | null =>
  tracer && readTraceparent(headers[TRACEPARENT], headers[TRACESTATE]);

const NO_HEADERS: Readonly<Record<string, string>> = {};

/** The headers that make what is called a part of the trace. */
export function traceHeaders(): Readonly<Record<string, string>> {
  const span = tracer && trace.getSpanContext(activeContext());
  if (!span) return NO_HEADERS;
  const state = span.traceState?.serialize();
  return { [TRACEPARENT]: writeTraceparent(span), ...(state && { [TRACESTATE]: state }) };
}

/** Runs the work as part of a span that another process ends. */
export const continuing = <Result>(parent: SpanContext | null | undefined, work: () => Result): Result =>
  parent ? runWithin(trace.setSpanContext(activeContext(), parent), work) : work();

/** The span that runs now, as a text to keep with what follows from it later. Undefined unless it is recorded. */
export function activeTraceparent(): string | undefined {
  const span = isWithinTrace() ? trace.getSpanContext(activeContext()) : undefined;
  return span && writeTraceparent(span);
}

/** The parent of what follows from something that was kept with its trace: that, unless something traced runs now. */
export function parentOf(kept: { readonly trace?: string | undefined }): SpanContext | null {
  if (!tracer || kept.trace === undefined || trace.getSpan(activeContext())) return null;
  return readTraceparent(kept.trace);
}

/** Runs the work in no request and no trace: for what goes on for its own sake once it was begun. */
export const outside = <Result>(work: () => Result): Result => runWithin(ROOT_CONTEXT, work);
