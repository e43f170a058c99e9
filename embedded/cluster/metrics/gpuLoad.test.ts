import { expect, test } from 'vitest';
import { readGpu, traitsOf } from './gpuLoad.js';

const MEMORY_MIB = 81_559;
const read = (runningMs: number | null, nowMs = 1_000_000) =>
  readGpu(traitsOf('hopper'), MEMORY_MIB, runningMs === null ? null : { seed: 'train 0', runningMs }, {
    id: 'GPU-1',
    nowMs,
  });

test('the same device with the same work shows the same at the same moment', () => {
  expect(read(5_000)).toEqual(read(5_000));
  expect(read(60_000, 1_000_000)).not.toEqual(read(60_000, 1_001_000));
});

test('a GPU is idle, ramps up and then stays around one level', () => {
  expect(read(null)).toMatchObject({ engineActive: 0, memoryUsedMiB: 4, smClockMhz: 345 });
  expect(read(1_000).engineActive).toBeLessThan(0.3);
  const steady = Array.from({ length: 100 }, (_, second) => read(60_000, second * 1_000));
  for (const { engineActive, powerW, temperatureC, memoryUsedMiB } of steady) {
    expect(engineActive).toBeGreaterThan(0.7);
    expect(engineActive).toBeLessThanOrEqual(1);
    expect(powerW).toBeLessThanOrEqual(700);
    expect(temperatureC).toBeLessThan(85);
    expect(memoryUsedMiB).toBeLessThan(MEMORY_MIB * 0.91);
  }
  expect(new Set(steady.map(({ engineActive }) => engineActive)).size).toBeGreaterThan(50);
});
