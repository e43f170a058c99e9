import type { NodeEvent } from '../../../contracts/resources.events.js';
import type { Transaction } from '../../../platform/database/database.js';
import type { Aggregate, Existing } from '../../../platform/eventStore/aggregate.js';
import { rowOfEntity } from '../../../platform/eventStore/entityRow.js';
import { evolveNode, gpuIdOf, type NodeState, takesPods } from './node.js';

/** A node and its devices: a GPU has no stream of its own. */
export const nodeAggregate: Aggregate<NodeState, NodeEvent> = {
  kind: 'Node',
  types: ['NodeDiscovered', 'NodeChanged', 'NodeLost', 'NodeCordoned', 'NodeUncordoned'],
  evolve: evolveNode,
  async project(tx, entity) {
    const { clusterId, name, lost } = entity.state;
    const row = { ...rowOfEntity(entity), clusterId, name, lost };
    await tx.node.upsert({ where: { id: entity.id }, create: row, update: row });
    await projectDevices(tx, entity);
  },
};

/** All devices in one statement. Rows are changed in place: whoever gives devices away has them locked. */
async function projectDevices(tx: Transaction, { id: nodeId, state }: Existing<NodeState>): Promise<void> {
  const takes = takesPods(state);
  const devices = state.devices.map(({ index, gpuModelId, uuid, memoryMiB, health, present }) => ({
    id: gpuIdOf(nodeId, index),
    index,
    gpu_model_id: gpuModelId,
    uuid,
    memory_mib: memoryMiB,
    health,
    present: present && !state.lost,
    usable: takes && present && health !== 'FAILURE',
  }));
  await tx.$executeRaw`
    INSERT INTO resources.gpu (id, node_id, cluster_id, index, gpu_model_id, uuid, memory_mib, health, present, usable, observed_at)
    SELECT d.id, ${nodeId}, ${state.clusterId}, d.index, d.gpu_model_id, d.uuid, d.memory_mib, d.health, d.present, d.usable,
      ${state.observedAt}::timestamptz
    FROM jsonb_to_recordset(${JSON.stringify(devices)}::jsonb) AS d (id text, index int, gpu_model_id text, uuid text,
      memory_mib int, health text, present boolean, usable boolean)
    ORDER BY d.id
    ON CONFLICT (id) DO UPDATE SET gpu_model_id = excluded.gpu_model_id, uuid = excluded.uuid,
      memory_mib = excluded.memory_mib, health = excluded.health, present = excluded.present, usable = excluded.usable,
      observed_at = excluded.observed_at`;
}
