import { expect, test, vi } from 'vitest';
import type { Rollup } from './history.repository.js';
import { startHistoryWriter } from './historyWriter.js';
import { MEASURES, type Reading } from './reading.js';

const nothing = Object.fromEntries(MEASURES.map((measure) => [measure, null])) as Reading;

/** Measures a GPU every second for half a minute, and says what was kept. */
async function measureFor30s(isActive: (second: number) => boolean) {
  vi.useFakeTimers({ now: 1_000_000_000_000 });
  const written: Rollup[] = [];
  const calls: string[] = [];
  let second = 0;
  const writer = startHistoryWriter({
    history: {
      write: (rollups) => Promise.resolve(void written.push(...rollups)),
      condenseSince: () => Promise.resolve(void calls.push('condense')),
      expire: () => Promise.resolve(void calls.push('expire')),
    },
    isActive: () => isActive(second),
    onError: (error) => {
      throw error;
    },
  });
  for (; second < 30; second += 1) {
    writer.add([{ gpuId: 'a', atMs: Date.now(), reading: { ...nothing, powerW: 100 } }]);
    await vi.advanceTimersByTimeAsync(1_000);
  }
  await writer[Symbol.asyncDispose]();
  vi.useRealTimers();
  return { written: written.map(({ samples }) => samples), calls };
}

test('every step is written once it is over, and coarser steps and forgetting have their own pace', async () => {
  expect(await measureFor30s(() => true)).toEqual({ written: [10, 10, 10], calls: ['condense', 'expire'] });
});

test('who does not lead keeps nothing, and does not write it later when it leads', async () => {
  expect((await measureFor30s((second) => second >= 15)).written).toEqual([10, 10]);
  expect(await measureFor30s(() => false)).toEqual({ written: [], calls: [] });
});
