import {
  AlwaysOffSampler,
  BasicTracerProvider,
  ParentBasedSampler,
  type ReadableSpan,
  SimpleSpanProcessor,
} from '@opentelemetry/sdk-trace-base';
import { createServer } from 'node:http';
import { createListening } from '../../platform/server/listening.js';
import { traceWith } from '../../platform/telemetry/tracing.js';

/** A span as tests look at it. */
export interface SpanFacts {
  readonly traceId: string;
  readonly spanId: string;
  readonly parentSpanId: string | null;
  readonly name: string;
  /** The process that made it; null if it is this one. */
  readonly service: string | null;
  readonly attributes: Readonly<Record<string, unknown>>;
}

/** Where spans that have ended arrive. */
export interface SpanSource extends AsyncDisposable {
  spans(): readonly SpanFacts[];
}

/** Records the spans of this process, of traces that a caller wants recorded. */
export function recordWanted(): SpanSource {
  const spans: SpanFacts[] = [];
  const exporter = {
    export: (ended: ReadableSpan[], done: (result: { code: number }) => void) => {
      spans.push(...ended.map(factsOf));
      done({ code: 0 });
    },
    shutdown: () => Promise.resolve(),
  };
  const provider = new BasicTracerProvider({
    sampler: new ParentBasedSampler({ root: new AlwaysOffSampler() }),
    spanProcessors: [new SimpleSpanProcessor(exporter)],
  });
  const stop = traceWith(provider.getTracer('test'));
  return {
    spans: () => spans,
    [Symbol.asyncDispose]: async () => {
      stop();
      await provider.shutdown();
    },
  };
}

const factsOf = (span: ReadableSpan): SpanFacts => ({
  ...span.spanContext(),
  parentSpanId: span.parentSpanContext?.spanId ?? null,
  name: span.name,
  service: null,
  attributes: span.attributes,
});

/** Takes what processes send by OTLP over HTTP, as JSON. */
export async function startCollector(): Promise<
  SpanSource & { readonly environment: Record<string, string> }
> {
  const spans: SpanFacts[] = [];
  const server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      spans.push(...readSent(JSON.parse(Buffer.concat(chunks).toString()) as Sent));
      response.writeHead(200, { 'content-type': 'application/json' }).end('{}');
    });
  });
  const listening = createListening(server);
  await listening.listen(0);
  return {
    /** What a process must be told to send here what callers want recorded, and nothing else. */
    environment: {
      OTEL_EXPORTER_OTLP_ENDPOINT: listening.url,
      OTEL_TRACES_SAMPLER: 'parentbased_always_off',
      OTEL_BSP_SCHEDULE_DELAY: '200',
    },
    spans: () => spans,
    async [Symbol.asyncDispose]() {
      await new Promise((resolve) => {
        server.close(resolve);
        server.closeAllConnections();
      });
    },
  };
}

type Attribute = { key: string; value: Record<string, unknown> };
type SentSpan = {
  traceId: string;
  spanId: string;
  parentSpanId?: string;
  name: string;
  attributes?: Attribute[];
};
type Sent = {
  resourceSpans?: { resource: { attributes: Attribute[] }; scopeSpans: { spans: SentSpan[] }[] }[];
};

const readSent = ({ resourceSpans = [] }: Sent): SpanFacts[] =>
  resourceSpans.flatMap(({ resource, scopeSpans }) =>
    scopeSpans.flatMap(({ spans }) =>
      spans.map(({ traceId, spanId, parentSpanId, name, attributes = [] }) => ({
        traceId,
        spanId,
        parentSpanId: parentSpanId || null,
        name,
        service: String(valuesOf(resource.attributes)['service.name']),
        attributes: valuesOf(attributes),
      })),
    ),
  );

const valuesOf = (attributes: readonly Attribute[]) =>
  Object.fromEntries(attributes.map(({ key, value }) => [key, plain(value)]));

function plain(value: Record<string, unknown>): unknown {
  if ('arrayValue' in value) {
    const { values = [] } = value['arrayValue'] as { values?: Record<string, unknown>[] };
    return values.map(plain);
  }
  return Object.values(value)[0];
}
