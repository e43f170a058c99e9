import type { BillingCalls } from '../../contracts/calls.js';
import { readClock } from '../../platform/database/clock.js';
import type { PrismaClient } from '../../platform/database/generated/client.js';
import { readTightest } from './budget/budget.limits.js';
import { type Holds, readLineage } from './hold/hold.commands.js';

/**
 * What the contexts that give devices ask of billing. `catchUpProjects` is awaited before a project's budgets are looked
 * up that billing has not heard of: a project that was created a moment ago.
 */
export function createBillingCalls(options: {
  holds: Holds;
  prisma: PrismaClient;
  catchUpProjects: () => Promise<unknown>;
}): BillingCalls {
  const { holds, prisma, catchUpProjects } = options;

  async function lookUpProject(projectId: string): Promise<void> {
    const known = await prisma.billingProject.count({ where: { id: projectId } });
    if (known === 0) await catchUpProjects();
  }

  return {
    async placeHold(input, origin) {
      await lookUpProject(input.projectId);
      return holds.place(input, origin);
    },
    releaseHold: (input, origin) => holds.release(input, origin),
    async budgetStatus({ projectId }) {
      await lookUpProject(projectId);
      return readTightest(prisma, await readLineage(prisma, projectId), await readClock(prisma));
    },
  };
}
