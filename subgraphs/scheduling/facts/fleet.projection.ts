import type { AllocationEvent, ClusterEvent, NodeEvent } from '../../../contracts/resources.events.js';
import type { Transaction } from '../../../platform/database/database.js';
import type { Positioned } from '../../../platform/eventStore/event.js';
import type { Projection } from '../../../platform/projection/projection.js';
import { type KnownNode, knownNodeAfter, modelsOf } from './knownNode.js';

/** What resources say of the fleet, as far as the queue needs it. */
type FleetEvent =
  | AllocationEvent
  | Extract<ClusterEvent, { type: 'ClusterRegistered' | 'ClusterConnectivityChanged' }>
  | NodeEvent;

/** Resources' clusters, nodes and open allocations. */
export const fleetProjection: Projection = {
  name: 'scheduling.fleet',
  source: 'resources',
  apply: (tx, event) => apply(tx, event as Positioned<FleetEvent>),
  async clear(tx) {
    await tx.openAllocation.deleteMany();
    await tx.knownNode.deleteMany();
    await tx.knownCluster.deleteMany();
  },
};

async function apply(tx: Transaction, event: Positioned<FleetEvent>): Promise<void> {
  switch (event.type) {
    case 'AllocationOpened': {
      const { id, owner, projectId, nodeId, gpuId, gpuModelId } = event.data;
      await tx.openAllocation.create({
        data: { id, ownerId: owner.id, projectId, nodeId, gpuId, gpuModelId },
      });
      return;
    }
    case 'AllocationClosed':
      await tx.openAllocation.deleteMany({ where: { id: event.data.id } });
      return;
    case 'ClusterRegistered':
      await setConnectivity(tx, event.data.id, 'OFFLINE');
      return;
    case 'ClusterConnectivityChanged':
      await setConnectivity(tx, event.streamId, event.data.connectivity);
      return;
    case 'NodeDiscovered':
    case 'NodeChanged':
    case 'NodeLost':
    case 'NodeCordoned':
    case 'NodeUncordoned':
      await changeNode(tx, event.streamId, event);
  }
}

async function setConnectivity(tx: Transaction, id: string, connectivity: string): Promise<void> {
  await tx.knownCluster.upsert({ where: { id }, create: { id, connectivity }, update: { connectivity } });
}

async function changeNode(tx: Transaction, id: string, event: NodeEvent): Promise<void> {
  const before = await tx.knownNode.findUnique({ where: { id } });
  const state = knownNodeAfter(before && (before.state as KnownNode), event);
  const row = { id, clusterId: state.clusterId, models: modelsOf(state), state };
  await tx.knownNode.upsert({ where: { id }, create: row, update: row });
}
