import type { Commands } from '../../../platform/command/commands.js';
import type { EventStore } from '../../../platform/eventStore/eventStore.js';
import { commandAfter } from '../../../platform/saga/commandAfter.js';
import { closeAllocations } from './workload.devices.js';
import { decideObservations, type WorkloadObservation } from './workload.observe.js';
import { workloadAggregate } from './workload.projection.js';
import type { WorkloadRepository } from './workload.repository.js';
import { saveWorkload } from './workload.watchdog.js';

/** What the reconcilers saw of a workload. Telling the same again costs one read and changes nothing. */
export type ObserveWorkload = (id: string, seen: readonly WorkloadObservation[]) => Promise<void>;

/** Turns what a watcher of the cluster sees of a workload into events. Its devices are free once nothing of it is left. */
export const createObserveWorkload =
  (deps: { workloads: WorkloadRepository; commands: Commands; store: EventStore }): ObserveWorkload =>
  async (id, seen) => {
    const { workloads, commands, store } = deps;
    const known = await workloads.find(id);
    if (!known || decideObservations(known.state, seen, new Date()).length === 0) return;
    const command = await commandAfter(store, id, { by: 'workload-reconciler', name: 'observeWorkload' });
    if (!command) return;
    await commands.execute(command, async (unit) => {
      const workload = await unit.load(workloadAggregate, id);
      if (workload.state === null) return;
      const events = decideObservations(workload.state, seen, unit.now);
      const { state } = await saveWorkload(unit, workload, events, workload.state.projectId);
      if (events.some(({ type }) => type === 'WorkloadCleared'))
        await closeAllocations(unit, state.body?.allocationIds ?? []);
    });
  };
