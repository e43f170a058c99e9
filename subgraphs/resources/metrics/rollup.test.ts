import { expect, test } from 'vitest';
import { MEASURES, type Reading } from './reading.js';
import { createRollup } from './rollup.js';

const nothing = Object.fromEntries(MEASURES.map((measure) => [measure, null])) as Reading;
const at = (second: number, values: Partial<Reading>, gpuId = 'a') => ({
  gpuId,
  atMs: second * 1_000,
  reading: { ...nothing, ...values },
});

test('measurements of ten seconds become their mean, and of what counts up the last, once they are over', () => {
  const rollup = createRollup();
  rollup.add([at(10, { powerW: 100, energyKwh: 1 }), at(13, { powerW: 200, energyKwh: 2 })]);
  expect(rollup.take(19_999)).toEqual([]);
  rollup.add([at(20, { powerW: 900 })]);
  expect(rollup.take(20_000)).toEqual([
    { gpuId: 'a', atMs: 10_000, samples: 2, reading: { ...nothing, powerW: 150, energyKwh: 2 } },
  ]);
  expect(rollup.take(30_000)).toMatchObject([{ atMs: 20_000, samples: 1, reading: { powerW: 900 } }]);
  expect(rollup.take(40_000)).toEqual([]);
});

test('what was not measured is no zero in the mean', () => {
  const rollup = createRollup();
  rollup.add([at(1, { temperatureC: 40 }), at(2, {}), at(3, { temperatureC: 60 })]);
  expect(rollup.take(10_000)).toMatchObject([
    { samples: 3, reading: { temperatureC: 50, utilization: null } },
  ]);
});
