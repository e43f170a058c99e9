import { expect, test } from 'vitest';
import { GPU_METRICS_TOPIC, readSample, toSample } from './metricsTopic.js';
import { MEASURES, type Reading } from './reading.js';

const reading = Object.fromEntries(
  MEASURES.map((measure, n) => [measure, n === 0 ? null : n / 2]),
) as Reading;
const scraped = [0, 1].map((n) => ({
  gpuId: `gpu_${n}`,
  uuid: n ? null : 'GPU-1',
  atMs: 1_763_719_200_123,
  reading,
}));

test('what an exporter told comes out of its sample as it went in', () => {
  const sample: unknown = JSON.parse(JSON.stringify(toSample('node_1', scraped)));
  expect(readSample(sample)).toEqual(scraped);
  expect(sample).toMatchObject({ nodeId: 'node_1', at: '2025-11-21T10:00:00.123Z' });
});

test.each([
  null,
  [],
  'x',
  { nodeId: 'n', at: 'now', gpus: [] },
  { ...toSample('n', []), gpus: [{ gpuId: 'g' }] },
])('%j is no sample', (value) => expect(readSample(value)).toBeNull());

test('samples are spread over twelve partitions, by node', () => {
  expect(GPU_METRICS_TOPIC).toMatchObject({ name: 'fleetgraph.gpu.metrics', partitions: 12 });
});
