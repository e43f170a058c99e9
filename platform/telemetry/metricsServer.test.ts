import { expect, test } from 'vitest';
import { createCounter, createDurations, createGauge, createReading, registry } from './metrics.js';
import { startMetricsServer } from './metricsServer.js';

const read = async () => (await registry.metrics()).split('\n');

test('metrics are read at one path of an address of their own, and nothing else is there', async () => {
  await using server = await startMetricsServer({ host: '127.0.0.1', port: 0 });
  const answer = await fetch(server.url);
  expect(answer.status).toBe(200);
  expect(answer.headers.get('content-type')).toContain('text/plain; version=0.0.4');
  expect(await answer.text()).toContain('\nprocess_resident_memory_bytes ');
  const { origin } = new URL(server.url);
  for (const path of ['/', '/metrics/', '/metrics?x=1', '/graphql', '/readyz'])
    expect((await fetch(origin + path)).status).toBe(404);
  expect((await fetch(server.url, { method: 'POST' })).status).toBe(404);
});

test('a reading asks those who are there, adds up what has the same labels, and forgets who left', async () => {
  const depth = createReading('test_depth', 'How deep.', ['place']);
  let water = 3;
  const leave = depth.from(() => [[{ place: 'lake' }, water]]);
  depth.from(() => Promise.resolve([[{ place: 'lake' }, 1]]));
  depth.from(() => Promise.reject(new Error('dry')));
  depth.from(() => {
    throw new Error('dry');
  });
  expect(await read()).toContain('test_depth{place="lake"} 4');
  water = 10;
  expect(await read()).toContain('test_depth{place="lake"} 11');
  leave();
  expect(await read()).toContain('test_depth{place="lake"} 1');
});

test('counts, durations and gauges are told as Prometheus reads them', async () => {
  createCounter('test_drops_total', 'Drops.', ['kind']).inc({ kind: 'rain' }, 2);
  const falls = createDurations('test_fall_seconds', 'Falls.', ['height']);
  for (const seconds of [0.02, 0.025, 99]) falls.observe({ height: 'low' }, seconds);
  falls.observe({ height: 'high' }, 1);
  createGauge('test_clouds', 'Clouds.', []).inc();
  expect(await read()).toEqual(
    expect.arrayContaining([
      'test_drops_total{kind="rain"} 2',
      '# TYPE test_fall_seconds histogram',
      'test_fall_seconds_bucket{height="low",le="0.01"} 0',
      'test_fall_seconds_bucket{height="low",le="0.025"} 2',
      'test_fall_seconds_bucket{height="low",le="30"} 2',
      'test_fall_seconds_bucket{height="low",le="+Inf"} 3',
      'test_fall_seconds_sum{height="low"} 99.045',
      'test_fall_seconds_count{height="low"} 3',
      'test_fall_seconds_count{height="high"} 1',
      'test_clouds 1',
    ]),
  );
});
