import type { BillingCalls } from '../../contracts/calls.js';
import type { PrismaClient } from '../../platform/database/generated/client.js';
import { readTightest } from './budget/budget.limits.js';
import type { Holds } from './hold/hold.commands.js';

/**
 * What the contexts that give devices ask of billing. `catchUpOwners` waits until billing has read what has become of
 * those who had devices.
 */
export function createBillingCalls(options: {
  holds: Holds;
  prisma: PrismaClient;
  lineageOf: (projectId: string) => Promise<readonly string[]>;
  catchUpOwners: () => Promise<unknown>;
}): BillingCalls {
  const { holds, prisma, lineageOf, catchUpOwners } = options;
  return {
    async placeHold(input, origin) {
      const wish = { ...input, lineage: await lineageOf(input.projectId) };
      const placed = await holds.place(wish, origin);
      if (placed.isNew) return { holdId: placed.holdId };
      // What that hold was placed for may have ended, and the owner asks for its next attempt.
      await catchUpOwners();
      const { holdId } = await holds.place(wish, origin);
      return { holdId };
    },
    releaseHold: (input, origin) => holds.release(input, origin),
    budgetStatus: async ({ projectId }) => readTightest(prisma, await lineageOf(projectId)),
  };
}
