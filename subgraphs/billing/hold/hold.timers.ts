import type { TimerHandler } from '../../../platform/saga/timers.js';
import { HOLD_CHECK, type Holds } from './hold.commands.js';

/** What happens to holds by time alone. While the owners' events cannot be read, nothing is given up. */
export const createHoldTimers = (options: {
  holds: Pick<Holds, 'check'>;
  /** Whether billing has read all that has happened to owners until now. */
  hasReadOwners: () => Promise<boolean>;
}): Readonly<Record<string, TimerHandler>> => ({
  [HOLD_CHECK]: async ({ key }) => options.holds.check(key, await options.hasReadOwners()),
});
