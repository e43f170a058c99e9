import { expect, test } from 'vitest';
import { recordSpans } from '../../test/testkit/recordedSpans.js';
import { conflict, unavailable } from '../errors.js';
import { idsForLog, withinRequest } from './scope.js';
import { readTraceparent } from './traceparent.js';
import { wantedSpanSink } from './traceExport.js';
import {
  activeTraceparent,
  continuing,
  parentIn,
  parentOf,
  traced,
  tracedWithin,
  traceHeaders,
} from './tracing.js';

const CALLER = '00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01';
const settled = () => new Promise(setImmediate);

test('without a tracer work runs as it is: no span, no header, no parent', async () => {
  const seen = await traced('work', {}, async (span) => ({ span, headers: traceHeaders() }));
  expect(seen).toEqual({ span: null, headers: {} });
  expect(parentIn({ traceparent: CALLER })).toBeNull();
  expect(activeTraceparent()).toBeUndefined();
  expect(idsForLog()).toEqual({});
});

test("a caller's trace goes on through what is awaited and out to who is called next", async () => {
  const spans = recordSpans();
  const headers = await traced('outer', { parent: parentIn({ traceparent: CALLER }) }, async () => {
    await settled();
    return traced('inner', {}, async () => traceHeaders());
  });
  const [inner, outer] = spans();
  expect(outer?.parentSpanContext?.spanId).toBe('00f067aa0ba902b7');
  expect(inner?.parentSpanContext?.spanId).toBe(outer?.spanContext().spanId);
  expect(headers).toEqual({
    traceparent: `00-4bf92f3577b34da6a3ce929d0e0e4736-${inner?.spanContext().spanId}-01`,
  });
});

test('what a caller does not record is not recorded here, and whoever is called next is told so', async () => {
  const spans = recordSpans();
  const parent = parentIn({ traceparent: CALLER.replace(/01$/, '00') });
  const next = await traced('work', { parent }, async () => ({
    ...traceHeaders(),
    kept: activeTraceparent(),
  }));
  expect(next).toEqual({ traceparent: expect.stringMatching(/^00-4bf9.*-00$/), kept: undefined });
  expect(spans()).toEqual([]);
});

test.each([
  'nonsense',
  CALLER.replace('00-', 'ff-'),
  CALLER.replace('4bf92f3577b34da6a3ce929d0e0e4736', '0'.repeat(32)),
  CALLER.toUpperCase(),
  `${CALLER}-`,
  undefined,
  [CALLER],
])('the header %j names no parent', (header) => {
  expect(readTraceparent(header)).toBeNull();
});

test('the state of other systems is handed on as it came', async () => {
  recordSpans();
  const parent = parentIn({ traceparent: CALLER, tracestate: 'vendor=a:b' });
  expect(await traced('work', { parent }, async () => traceHeaders())).toMatchObject({
    tracestate: 'vendor=a:b',
  });
});

test('what was kept with its trace is followed by parts of that trace, unless something else leads to them', async () => {
  const spans = recordSpans();
  await traced('later', { parent: parentOf({ trace: CALLER }) }, async () => undefined);
  await traced('request', {}, () =>
    traced('now', { parent: parentOf({ trace: CALLER }) }, async () => undefined),
  );
  const [later, now, request] = spans();
  expect(later?.parentSpanContext?.spanId).toBe('00f067aa0ba902b7');
  expect(now?.parentSpanContext?.spanId).toBe(request?.spanContext().spanId);
});

test('what goes on in the background makes spans only as a part of what is recorded', async () => {
  const spans = recordSpans();
  await tracedWithin('poll', {}, async () => undefined);
  await continuing(parentIn({ traceparent: CALLER.replace(/01$/, '00') }), () =>
    tracedWithin('poll', {}, async () => undefined),
  );
  await continuing(parentIn({ traceparent: CALLER }), () => tracedWithin('step', {}, async () => undefined));
  await traced('request', {}, () => tracedWithin('statement', {}, async () => undefined));
  expect(spans().map(({ name }) => name)).toEqual(['step', 'statement', 'request']);
});

test('a span tells the code of a refusal, takes an outage for an error, and keeps no text', async () => {
  const spans = recordSpans();
  const fail = (error: Error) => traced('work', {}, () => Promise.reject(error)).catch(() => undefined);
  await fail(conflict('job_1', 1, 2));
  await fail(unavailable('The database'));
  await fail(new TypeError('secret'));
  expect(spans().map(({ attributes, status }) => [attributes['error.type'], status.code])).toEqual([
    ['CONFLICT', 0],
    ['UNAVAILABLE', 2],
    ['TypeError', 2],
  ]);
  expect(JSON.stringify(spans().map(({ status, events }) => [status, events]))).not.toContain('secret');
});

test('whatever a request leads to knows its ids, and those of its span', async () => {
  recordSpans();
  const ids = { requestId: 'request_1', correlationId: 'correlation_1' };
  const seen = await withinRequest(ids, () =>
    traced('work', { parent: parentIn({ traceparent: CALLER }) }, async () => {
      await settled();
      return idsForLog();
    }),
  );
  expect(seen).toMatchObject({ ...ids, traceId: '4bf92f3577b34da6a3ce929d0e0e4736' });
});

test('the standard variables ask for traces, or not', () => {
  expect(wantedSpanSink({})).toBe('none');
  expect(wantedSpanSink({ OTEL_EXPORTER_OTLP_ENDPOINT: 'http://collector:4318' })).toBe('otlp');
  expect(wantedSpanSink({ OTEL_EXPORTER_OTLP_TRACES_ENDPOINT: 'http://collector:4318/v1/traces' })).toBe(
    'otlp',
  );
  expect(wantedSpanSink({ OTEL_TRACES_EXPORTER: 'otlp' })).toBe('otlp');
  expect(wantedSpanSink({ OTEL_TRACES_EXPORTER: 'none', OTEL_EXPORTER_OTLP_ENDPOINT: 'http://a' })).toBe(
    'none',
  );
  expect(wantedSpanSink({ OTEL_SDK_DISABLED: 'true', OTEL_TRACES_EXPORTER: 'otlp' })).toBe('none');
  expect(() => wantedSpanSink({ OTEL_TRACES_EXPORTER: 'zipkin' })).toThrow('zipkin');
});
