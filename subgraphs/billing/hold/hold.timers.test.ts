import { expect, test } from 'vitest';
import { HOLD_CHECK } from './hold.commands.js';
import { createHoldTimers } from './hold.timers.js';

test.each([true, false])(
  'a hold is looked at with the word whether its owner was read: %s',
  async (areRead) => {
    const looks: [string, boolean][] = [];
    const check = async (id: string, ownersAreRead: boolean) => void looks.push([id, ownersAreRead]);
    const timers = createHoldTimers({ holds: { check }, hasReadOwners: async () => areRead });
    const due = { name: HOLD_CHECK, key: 'hold_1', dueAt: new Date(), payload: {} };
    expect(await timers[HOLD_CHECK]?.(due)).toBeUndefined();
    expect(looks).toEqual([['hold_1', areRead]]);
  },
);
