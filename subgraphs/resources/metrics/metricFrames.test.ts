import { expect, test } from 'vitest';
import { createLatestMetrics } from './latestMetrics.js';
import { metricFrames } from './metricFrames.js';
import { MEASURES, type Measured, type Reading } from './reading.js';

const nothing = Object.fromEntries(MEASURES.map((measure) => [measure, null])) as Reading;
const measured = (gpuId: string, utilization: number): Measured => ({
  gpuId,
  atMs: Date.now(),
  reading: { ...nothing, utilization },
});
const shows = (batch: readonly Measured[]) => batch.map(({ gpuId, reading }) => [gpuId, reading.utilization]);

function open(selected: Set<string>, maxHz = 10) {
  const latest = createLatestMetrics();
  const stop = new AbortController();
  let nowMs = 0;
  const now = () => nowMs;
  const select = () => Promise.resolve(selected);
  const frames = metricFrames({ latest, select, maxHz, signal: stop.signal, now });
  const next = async () => (await frames.next()).value as { measured: Measured[]; skipped: number };
  return { latest, next, stop, frames, pass: (ms: number) => (nowMs += ms) };
}

test('the first frame shows what is known, each later one only what changed', async () => {
  const { latest, next } = open(new Set(['a', 'b']));
  latest.record([measured('a', 1), measured('b', 2), measured('c', 3)]);
  expect(shows((await next()).measured)).toEqual([
    ['a', 1],
    ['b', 2],
  ]);
  latest.record([measured('a', 1), measured('b', 5)]);
  expect(shows((await next()).measured)).toEqual([['b', 5]]);
});

test('a device that is chosen later is shown as it is, though it did not change', async () => {
  const selected = new Set(['a']);
  const { latest, next } = open(selected);
  latest.record([measured('a', 1), measured('b', 2)]);
  await next();
  selected.add('b');
  latest.record([measured('a', 9)]);
  expect(shows((await next()).measured)).toEqual([
    ['b', 2],
    ['a', 9],
  ]);
});

test('a reader that is behind gets the newest value and the number of frames that it missed', async () => {
  const { latest, next, pass } = open(new Set(['a']), 10);
  latest.record([measured('a', 1)]);
  await next();
  for (const utilization of [2, 3, 4, 5]) {
    latest.record([measured('a', utilization)]);
    pass(100);
  }
  expect(await next()).toMatchObject({ skipped: 3, measured: [{ reading: { utilization: 5 } }] });
  latest.record([measured('a', 6)]);
  expect(await next()).toMatchObject({ skipped: 0 });
});

test('frames end when the reader goes away, and what was measured long ago is not shown as now', async () => {
  const { next, stop, frames } = open(new Set(['a']));
  const waiting = frames.next();
  stop.abort();
  expect((await waiting).done).toBe(true);
  expect(await next()).toBeUndefined();
  let nowMs = Date.now();
  const latest = createLatestMetrics(() => nowMs);
  latest.record([measured('a', 1)]);
  expect(latest.of('a')).not.toBeNull();
  nowMs += 121_000;
  expect(latest.of('a')).toBeNull();
});
