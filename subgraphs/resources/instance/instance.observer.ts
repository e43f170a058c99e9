import type { Commands } from '../../../platform/command/commands.js';
import type { Database } from '../../../platform/database/database.js';
import type { EventStore } from '../../../platform/eventStore/eventStore.js';
import { closeDevices } from '../admission/devices.js';
import type { InstanceState } from './instance.js';
import { decideObservations, type Observation, releasesDevices } from './instance.observe.js';
import { instanceAggregate } from './instance.projection.js';
import { createInstanceRepository } from './instance.repository.js';
import { commandAfter } from '../../../platform/saga/commandAfter.js';
import { watch } from './watchdog.js';

/**
 * Turns what a watcher of the cluster sees of an instance's pod into events. Telling the same again costs one read and
 * changes nothing. Devices are free again once no pod is seen any more of an instance that wants none.
 */
export function createObserve(deps: { database: Database; commands: Commands; store: EventStore }) {
  const { database, commands, store } = deps;
  const instances = createInstanceRepository(database.prisma);

  async function changesNothing(
    id: string,
    state: InstanceState,
    seen: readonly Observation[],
  ): Promise<boolean> {
    if (decideObservations(state, seen, new Date()).length > 0) return false;
    if (!isGone(seen) || !releasesDevices(state)) return true;
    return (await database.prisma.allocation.count({ where: { ownerId: id, closedAt: null } })) === 0;
  }

  return async function observe(id: string, seen: readonly Observation[]): Promise<void> {
    const known = await instances.find(id);
    if (!known || (await changesNothing(id, known.state, seen))) return;
    const command = await commandAfter(store, id, { by: 'instance-reconciler', name: 'observeInstance' });
    if (!command) return;
    await commands.execute(command, async (unit) => {
      const instance = await unit.load(instanceAggregate, id);
      if (instance.state === null) return;
      const events = decideObservations(instance.state, seen, unit.now);
      const after = await unit.save(instanceAggregate, instance, events, instance.state.projectId);
      if (events.length > 0) await watch(unit, after);
      if (isGone(seen) && releasesDevices(after.state)) await closeDevices(unit, id);
    });
  };
}

const isGone = (seen: readonly Observation[]): boolean => seen.some(({ type }) => type === 'podGone');
