import { expect, test } from 'vitest';
import { createHoldTimers } from './hold.timers.js';
import { HOLD_LAPSE, type Holds } from './hold.commands.js';

const NOW = new Date('2026-11-21T12:00:00Z');

/** Timers over holds that only remember what lapsed, and the deadline that was set last. */
function arrange(hasReadOwners: boolean) {
  const lapsed: string[] = [];
  const deadlines: Date[] = [];
  const holds = { lapse: async (id: string) => void lapsed.push(id) } as unknown as Holds;
  const prisma = {
    $queryRaw: async () => [{ now: NOW }],
    timer: {
      updateMany: async ({ data }: { data: { dueAt: Date } }) => {
        deadlines.push(data.dueAt);
        return { count: 1 };
      },
    },
  };
  const timers = createHoldTimers({
    holds,
    prisma: prisma as unknown as Parameters<typeof createHoldTimers>[0]['prisma'],
    hasReadOwners: async () => hasReadOwners,
  });
  const timer = { name: HOLD_LAPSE, key: 'hold_1', dueAt: NOW, payload: {} };
  return { run: () => timers[HOLD_LAPSE]?.(timer), lapsed, deadlines };
}

test('nothing lapses while the events that might confirm it cannot be read', async () => {
  const { run, lapsed, deadlines } = arrange(false);
  await run();
  expect(lapsed).toEqual([]);
  expect(deadlines).toEqual([new Date('2026-11-21T12:00:10Z')]);
});

test('it lapses once they have been read', async () => {
  const { run, lapsed } = arrange(true);
  await run();
  expect(lapsed).toEqual(['hold_1']);
});
