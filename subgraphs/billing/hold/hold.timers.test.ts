import { expect, test } from 'vitest';
import { HOLD_LAPSE } from './hold.commands.js';
import { createHoldTimers } from './hold.timers.js';

/** Lets the timer of hold_1 be due; tells what lapsed, and after what time the timer is wanted again. */
async function fire(hasReadOwners: boolean) {
  const lapsed: string[] = [];
  const holds = { renew: async () => {}, lapse: async (id: string) => void lapsed.push(id) };
  const timers = createHoldTimers({ holds, hasReadOwners: async () => hasReadOwners });
  const again = await timers[HOLD_LAPSE]?.({
    name: HOLD_LAPSE,
    key: 'hold_1',
    dueAt: new Date(),
    payload: {},
  });
  return { lapsed, again };
}

test('nothing lapses while the events that might confirm it cannot be read', async () => {
  expect(await fire(false)).toEqual({ lapsed: [], again: 10_000 });
});

test('it lapses once they have been read', async () => {
  expect(await fire(true)).toEqual({ lapsed: ['hold_1'], again: undefined });
});
