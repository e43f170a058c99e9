import type { WorkloadEvent } from '../../../contracts/resources.events.js';
import type { Aggregate } from '../../../platform/eventStore/aggregate.js';
import { rowOfEntity } from '../../../platform/eventStore/entityRow.js';
import { evolveWorkload, type WorkloadState } from './workload.js';

export const workloadAggregate: Aggregate<WorkloadState, WorkloadEvent> = {
  kind: 'Workload',
  types: [
    'WorkloadAdmitted',
    'WorkloadRefused',
    'WorkloadCreated',
    'WorkloadRunning',
    'WorkloadReplicasChanged',
    'WorkloadEndRequested',
    'WorkloadEnded',
    'WorkloadCleared',
    'WorkloadDeadlineMissed',
  ],
  evolve: evolveWorkload,
  async project(tx, entity) {
    const { owner, attempt, projectId, body, phase } = entity.state;
    const row = {
      ...rowOfEntity(entity),
      ownerKind: owner.kind,
      ownerId: owner.id,
      attempt,
      projectId,
      name: body?.name ?? null,
      clusterId: body?.clusterId ?? null,
      phase,
    };
    await tx.workload.upsert({ where: { id: entity.id }, create: row, update: row });
  },
};
