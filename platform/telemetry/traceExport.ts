import { context, trace } from '@opentelemetry/api';
import { setTimeout as sleep } from 'node:timers/promises';
import { contextManager } from './scope.js';
import { traceWith } from './tracing.js';

/** What becomes of finished spans. */
export type SpanSink = 'otlp' | 'none';

/** The standard variables that decide whether there are traces. */
export const TRACE_VARIABLES = [
  'OTEL_TRACES_EXPORTER',
  'OTEL_EXPORTER_OTLP_ENDPOINT',
  'OTEL_EXPORTER_OTLP_TRACES_ENDPOINT',
  'OTEL_SDK_DISABLED',
];

/**
 * Whether the standard variables ask for traces: OTEL_TRACES_EXPORTER=otlp, or where that is not set an endpoint of OTLP.
 * Throws for an exporter that is not offered.
 */
export function wantedSpanSink(env: NodeJS.ProcessEnv): SpanSink {
  if (env['OTEL_SDK_DISABLED']?.toLowerCase() === 'true') return 'none';
  const exporter = env['OTEL_TRACES_EXPORTER'] ?? '';
  if (exporter === 'otlp' || exporter === 'none') return exporter;
  if (exporter !== '')
    throw new Error(`OTEL_TRACES_EXPORTER: "otlp" and "none" are offered, not "${exporter}"`);
  const endpoint = env['OTEL_EXPORTER_OTLP_TRACES_ENDPOINT'] ?? env['OTEL_EXPORTER_OTLP_ENDPOINT'] ?? '';
  return endpoint === '' ? 'none' : 'otlp';
}

/** How long a process that ends waits for a collector to take the last spans. */
const SEND_MS = 2_000;

/**
 * Sends traces by OTLP over HTTP if the environment asks for it; otherwise not even the code for that is loaded. The SDK
 * reads the other OTEL_* variables itself. Disposing it sends what is left, unless the collector is away.
 */
export async function startTraceExport(env: NodeJS.ProcessEnv, name: string): Promise<AsyncDisposable> {
  if (wantedSpanSink(env) === 'none') return { [Symbol.asyncDispose]: () => Promise.resolve() };
  const [sdk, { OTLPTraceExporter }, resources] = await Promise.all([
    import('@opentelemetry/sdk-trace-base'),
    import('@opentelemetry/exporter-trace-otlp-http'),
    import('@opentelemetry/resources'),
  ]);
  const named = resources.resourceFromAttributes({
    'service.namespace': 'fleetgraph',
    'service.name': name,
    'service.instance.id': `${process.pid}`,
  });
  const told = resources.detectResources({ detectors: [resources.envDetector] });
  const provider = new sdk.BasicTracerProvider({
    resource: resources.defaultResource().merge(named).merge(told),
    spanProcessors: [new sdk.BatchSpanProcessor(new OTLPTraceExporter())],
  });
  context.setGlobalContextManager(contextManager);
  trace.setGlobalTracerProvider(provider);
  const stop = traceWith(provider.getTracer('fleetgraph'));
  return {
    async [Symbol.asyncDispose]() {
      stop();
      await Promise.race([provider.shutdown(), sleep(SEND_MS, undefined, { ref: false })]);
    },
  };
}
