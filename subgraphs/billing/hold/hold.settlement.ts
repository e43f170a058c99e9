import type { AllocationEvent } from '../../../contracts/resources.events.js';
import type { PrismaClient } from '../../../platform/database/generated/client.js';
import { unavailable } from '../../../platform/errors.js';
import type { Positioned } from '../../../platform/eventStore/event.js';
import type { ProcessManager } from '../../../platform/saga/processManager.js';
import { reactionTo } from '../../../platform/saga/reaction.js';
import type { Holds } from './hold.commands.js';

const NAME = 'billing.hold-settlement';

/**
 * Gives an owner's hold back when its last allocation has ended, and looks at the budgets. It acts on an ending only once
 * that is metered too, so that money never counts as neither held nor spent.
 */
export function createHoldSettlement(options: {
  holds: Holds;
  reader: Pick<PrismaClient, 'usage'>;
  /** Waits until the usage has been read up to the event, or resolves false after a while. */
  catchUp: (event: Positioned) => Promise<boolean>;
  hastenBudgetCheck: () => Promise<void>;
}): ProcessManager {
  const { holds, reader, catchUp, hastenBudgetCheck } = options;
  return {
    name: NAME,
    source: 'resources',
    types: ['AllocationClosed'],
    async react(event) {
      if (!(await catchUp(event))) throw unavailable('The usage that this allocation ends');
      const { id: allocationId } = (event as Positioned<AllocationEvent>).data;
      const usage = await reader.usage.findUnique({ where: { allocationId } });
      if (!usage) throw new Error(`Allocation ${allocationId} was closed and never opened`);
      await holds.settle(usage.ownerId, reactionTo(event, { manager: NAME, command: 'settleHold' }));
      await hastenBudgetCheck();
    },
  };
}
