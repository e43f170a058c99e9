import type { Commands } from '../../../platform/command/commands.js';
import type { Unit } from '../../../platform/command/unit.js';
import type { Existing } from '../../../platform/eventStore/aggregate.js';
import type { EventStore } from '../../../platform/eventStore/eventStore.js';
import type { DueTimer } from '../../../platform/saga/timers.js';
import { decideDeadline } from './instance.decide.js';
import type { InstanceState } from './instance.js';
import { instanceAggregate } from './instance.projection.js';
import { commandAfter } from '../../../platform/saga/commandAfter.js';

export const DEADLINE_TIMER = 'instanceDeadline';

/** Sets the timer of the instance's deadline, or takes it away. Call it after every change of an instance. */
export async function watch(unit: Unit, { id, state }: Existing<InstanceState>): Promise<void> {
  if (state.deadline === null || state.deadlineMissed) await unit.clearTimer(DEADLINE_TIMER, id);
  else await unit.setTimer(DEADLINE_TIMER, id, new Date(state.deadline));
}

/** The timer's handler: an instance that is still in the phase whose deadline passed. A repeat changes nothing. */
export const createWatchdog =
  ({ commands, store }: { commands: Commands; store: EventStore }) =>
  async ({ key: id }: DueTimer): Promise<void> => {
    const command = await commandAfter(store, id, { by: 'instance-watchdog', name: 'missInstanceDeadline' });
    if (!command) return;
    await commands.execute(command, async (unit) => {
      const instance = await unit.load(instanceAggregate, id);
      if (instance.state === null) return;
      const existing = { ...instance, state: instance.state };
      const events = decideDeadline(existing, unit.now);
      if (events.length === 0) return;
      await watch(unit, await unit.save(instanceAggregate, existing, events, instance.state.projectId));
    });
  };
