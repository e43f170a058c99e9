import type { Commands } from '../../../platform/command/commands.js';
import type { Unit } from '../../../platform/command/unit.js';
import type { Existing } from '../../../platform/eventStore/aggregate.js';
import type { EventStore } from '../../../platform/eventStore/eventStore.js';
import { commandAfter } from '../../../platform/saga/commandAfter.js';
import type { TimerHandler } from '../../../platform/saga/timers.js';
import type { ApprovalState } from './approval.js';
import { decideExpiry } from './approval.decide.js';
import { approvalAggregate } from './approval.projection.js';

export const EXPIRY_TIMER = 'approvalExpiry';

/** Sets the timer of a request that waits, and takes away that of one that does not. Call it after every change. */
export const watchExpiry = (unit: Unit, { id, state }: Existing<ApprovalState>): Promise<void> =>
  state.status === 'PENDING'
    ? unit.setTimer(EXPIRY_TIMER, id, new Date(state.ask.expiresAt))
    : unit.clearTimer(EXPIRY_TIMER, id);

/** The timer's handler: what nobody has decided in time is over. A repeat changes nothing. */
export const createExpiry =
  ({ commands, store }: { commands: Commands; store: EventStore }): TimerHandler =>
  async ({ key: id }) => {
    const command = await commandAfter(store, id, { by: 'approval-expiry', name: 'expireApproval' });
    if (!command) return;
    await commands.execute(command, async (unit) => {
      const { state, ...approval } = await unit.load(approvalAggregate, id);
      if (state === null) return;
      const events = decideExpiry({ ...approval, state }, unit.now);
      await unit.save(approvalAggregate, { ...approval, state }, events, state.projectId);
    });
  };
