import { expect, test } from 'vitest';
import { recordSpans } from '../../test/testkit/recordedSpans.js';
import { createLog } from '../../platform/telemetry/log.js';
import { registry } from '../../platform/telemetry/metrics.js';
import { parentIn } from '../../platform/telemetry/tracing.js';
import { nameOf, observeOperation, outcomeOf } from './observed.js';

const known = new Set(['ObservedPage']);
const operation = (query: string, operationName: string | null = null) => ({
  kind: 'query' as const,
  request: { query, operationName },
});

async function counted() {
  const { values } = (await registry
    .getSingleMetric('fleetgraph_gateway_operation_duration_seconds')
    ?.get()) ?? { values: [] };
  const counts = values.filter(
    (value) => 'metricName' in value && String(value.metricName).endsWith('_count'),
  );
  return counts.map(({ labels, value }) => `${labels['operation']} ${labels['outcome']} ${value}`);
}

test('known operations are told apart by name and outcome, and all others are counted together', async () => {
  registry.getSingleMetric('fleetgraph_gateway_operation_duration_seconds')?.reset();
  const run = (query: string, outcome: 'ok' | 'errors') =>
    observeOperation(operation(query), known, async (observed) => void (observed.outcome = outcome));
  await run('query ObservedPage { a }', 'ok');
  await run('query ObservedPage { a }', 'errors');
  await run('query MadeUpByACaller { a }', 'ok');
  await run('{ a }', 'ok');
  const broken = observeOperation(operation('query ObservedPage { a }'), known, () =>
    Promise.reject(new Error('broken')),
  );
  await expect(broken).rejects.toThrow('broken');
  expect(await counted()).toEqual([
    'ObservedPage ok 1',
    'ObservedPage errors 1',
    'other ok 2',
    'ObservedPage failed 1',
  ]);
});

test('the name is the one that is asked for, else that of the first operation', () => {
  const two = 'query A { a } query B { b }';
  expect(nameOf({ query: two, operationName: 'B' })).toBe('B');
  expect(nameOf({ query: two })).toBe('A');
  expect(nameOf({ query: '\n  mutation C($a: Int) { a }' })).toBe('C');
  expect(nameOf({ query: '{ a }' })).toBeNull();
});

test.each([
  ['{"data":{"a":[{"b":[]}]}}', 'ok'],
  ['{"data":null}', 'ok'],
  ['{"data":{"a":null},"errors":[{"message":"no","path":["a"]}]}', 'errors'],
  ['{"data":null,"errors":[{"message":"no"}]}', 'errors'],
])('the answer %s ends as %s', (text, outcome) => {
  expect(outcomeOf({ text, ok: true, positions: {} })).toBe(outcome);
});

test('an operation is a span of its own, under that of its caller, and what is logged meanwhile has its trace', async () => {
  const spans = recordSpans();
  const lines: string[] = [];
  const log = createLog({ name: 'gateway', destination: { write: (line) => void lines.push(line) } });
  const parent = parentIn({ traceparent: '00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01' });
  await observeOperation({ ...operation('query ObservedPage { a }'), parent }, known, async () => {
    await new Promise(setImmediate);
    log.info({ requestId: 'request_1' }, 'operation');
  });
  const [span] = spans();
  expect(span).toMatchObject({
    name: 'query ObservedPage',
    attributes: { 'graphql.operation.name': 'ObservedPage', 'graphql.operation.type': 'query' },
    parentSpanContext: { spanId: '00f067aa0ba902b7' },
  });
  expect(JSON.parse(lines[0] ?? '')).toMatchObject({
    requestId: 'request_1',
    traceId: '4bf92f3577b34da6a3ce929d0e0e4736',
    spanId: span?.spanContext().spanId,
  });
});
