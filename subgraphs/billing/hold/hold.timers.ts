import { readClock } from '../../../platform/database/clock.js';
import type { PrismaClient } from '../../../platform/database/generated/client.js';
import type { DueTimer } from '../../../platform/saga/timers.js';
import { HOLD_LAPSE, HOLD_RENEWAL, type Holds } from './hold.commands.js';

const LAPSE_AGAIN_MS = 10_000;

/**
 * What happens to holds by time alone. An unconfirmed hold lapses only when everything has been read that might have
 * confirmed it: while the owners' events cannot be read, nothing lapses.
 */
export function createHoldTimers(options: {
  holds: Holds;
  prisma: Pick<PrismaClient, 'timer' | '$queryRaw'>;
  /** Whether billing has read all that has happened to owners until now. */
  hasReadOwners: () => Promise<boolean>;
}): Readonly<Record<string, (timer: DueTimer) => Promise<void>>> {
  const { holds, prisma, hasReadOwners } = options;

  async function postpone({ name, key }: DueTimer): Promise<void> {
    const dueAt = new Date((await readClock(prisma)).getTime() + LAPSE_AGAIN_MS);
    await prisma.timer.updateMany({ where: { context: 'billing', name, key }, data: { dueAt } });
  }

  return {
    [HOLD_RENEWAL]: ({ key }) => holds.renew(key),
    [HOLD_LAPSE]: async (timer) => ((await hasReadOwners()) ? holds.lapse(timer.key) : postpone(timer)),
  };
}
