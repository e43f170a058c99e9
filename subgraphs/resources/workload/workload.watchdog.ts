import type { WorkloadEvent } from '../../../contracts/resources.events.js';
import type { Commands } from '../../../platform/command/commands.js';
import type { Unit } from '../../../platform/command/unit.js';
import type { Entity, Existing } from '../../../platform/eventStore/aggregate.js';
import type { EventStore } from '../../../platform/eventStore/eventStore.js';
import type { DueTimer } from '../../../platform/saga/timers.js';
import { commandAfter } from '../../../platform/saga/commandAfter.js';
import { decideDeadline } from './workload.decide.js';
import type { WorkloadState } from './workload.js';
import { workloadAggregate } from './workload.projection.js';

export const WORKLOAD_TIMER = 'workloadDeadline';

/** Saves what happened to a workload, and sets the timer of its deadline, or takes it away. */
export async function saveWorkload(
  unit: Unit,
  workload: Entity<WorkloadState>,
  events: readonly WorkloadEvent[],
  projectId: string,
): Promise<Existing<WorkloadState>> {
  const saved = await unit.save(workloadAggregate, workload, events, projectId);
  if (events.length === 0) return saved;
  const { deadline, deadlineMissed } = saved.state;
  if (deadline === null || deadlineMissed) await unit.clearTimer(WORKLOAD_TIMER, saved.id);
  else await unit.setTimer(WORKLOAD_TIMER, saved.id, new Date(deadline));
  return saved;
}

/** The timer's handler: a workload that is still in the phase whose deadline passed. A repeat changes nothing. */
export const createWorkloadWatchdog =
  ({ commands, store }: { commands: Commands; store: EventStore }) =>
  async ({ key: id }: DueTimer): Promise<void> => {
    const command = await commandAfter(store, id, { by: 'workload-watchdog', name: 'missWorkloadDeadline' });
    if (!command) return;
    await commands.execute(command, async (unit) => {
      const workload = await unit.load(workloadAggregate, id);
      if (workload.state === null) return;
      const events = decideDeadline(workload.state, unit.now);
      await saveWorkload(unit, workload, events, workload.state.projectId);
    });
  };
