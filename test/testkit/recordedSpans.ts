import {
  BasicTracerProvider,
  InMemorySpanExporter,
  SimpleSpanProcessor,
} from '@opentelemetry/sdk-trace-base';
import { onTestFinished } from 'vitest';
import { traceWith } from '../../platform/telemetry/tracing.js';

/** Records what this test does. Answers the spans that have ended, in the order of their ends. */
export function recordSpans() {
  const exporter = new InMemorySpanExporter();
  const provider = new BasicTracerProvider({ spanProcessors: [new SimpleSpanProcessor(exporter)] });
  onTestFinished(traceWith(provider.getTracer('test')));
  return () => exporter.getFinishedSpans();
}
