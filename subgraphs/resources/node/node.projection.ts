import type { NodeEvent } from '../../../contracts/resources.events.js';
import type { Transaction } from '../../../platform/database/database.js';
import type { Aggregate, Existing } from '../../../platform/eventStore/aggregate.js';
import { rowOfEntity } from '../../../platform/eventStore/entityRow.js';
import { type Device, evolveNode, gpuIdOf, type NodeState, takesPods } from './node.js';

/** A node and its devices: a GPU has no stream of its own. */
export const nodeAggregate: Aggregate<NodeState, NodeEvent> = {
  kind: 'Node',
  types: ['NodeDiscovered', 'NodeChanged', 'NodeLost', 'NodeCordoned', 'NodeUncordoned'],
  evolve: evolveNode,
  async project(tx, entity) {
    const { clusterId, name, lost, devices } = entity.state;
    const row = { ...rowOfEntity(entity), clusterId, name, lost };
    await tx.node.upsert({ where: { id: entity.id }, create: row, update: row });
    for (const device of devices) await projectDevice(tx, entity, device);
  },
};

async function projectDevice(tx: Transaction, node: Existing<NodeState>, device: Device): Promise<void> {
  const { index, gpuModelId, uuid, memoryMiB, health, present } = device;
  const id = gpuIdOf(node.id, index);
  const usable = takesPods(node.state) && present && health !== 'FAILURE';
  const row = {
    id,
    nodeId: node.id,
    clusterId: node.state.clusterId,
    index,
    gpuModelId,
    uuid,
    memoryMiB,
    health,
    usable,
    present: present && !node.state.lost,
    observedAt: new Date(node.state.observedAt),
  };
  await tx.gpu.upsert({ where: { id }, create: row, update: row });
}
