import type { TimerHandler } from '../../../platform/saga/timers.js';
import { HOLD_LAPSE, HOLD_RENEWAL, type Holds } from './hold.commands.js';

const LAPSE_AGAIN_MS = 10_000;

/**
 * What happens to holds by time alone. An unconfirmed hold lapses only when everything has been read that might have
 * confirmed it: while the owners' events cannot be read, nothing lapses.
 */
export const createHoldTimers = (options: {
  holds: Pick<Holds, 'renew' | 'lapse'>;
  /** Whether billing has read all that has happened to owners until now. */
  hasReadOwners: () => Promise<boolean>;
}): Readonly<Record<string, TimerHandler>> => ({
  [HOLD_RENEWAL]: ({ key }) => options.holds.renew(key),
  [HOLD_LAPSE]: async ({ key }) =>
    (await options.hasReadOwners()) ? options.holds.lapse(key) : LAPSE_AGAIN_MS,
});
