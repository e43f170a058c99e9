import type { ClusterEvent } from '../../../contracts/resources.events.js';
import type { Aggregate } from '../../../platform/eventStore/aggregate.js';
import { rowOfEntity } from '../../../platform/eventStore/entityRow.js';
import { type ClusterState, evolveCluster } from './cluster.js';

export const clusterAggregate: Aggregate<ClusterState, ClusterEvent> = {
  kind: 'Cluster',
  types: [
    'ClusterRegistered',
    'ClusterVersionChanged',
    'ClusterConnectivityChanged',
    'ClusterLeaderChanged',
    'ClusterObjectRestored',
  ],
  evolve: evolveCluster,
  async project(tx, entity) {
    const { name, connectivity } = entity.state;
    const row = { ...rowOfEntity(entity), name, connectivity };
    await tx.cluster.upsert({ where: { id: entity.id }, create: row, update: row });
  },
};
