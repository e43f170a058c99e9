import type { InstanceEvent } from '../../../contracts/resources.events.js';
import type { Aggregate } from '../../../platform/eventStore/aggregate.js';
import { rowOfEntity } from '../../../platform/eventStore/entityRow.js';
import { evolveInstance, type InstanceState } from './instance.js';

export const instanceAggregate: Aggregate<InstanceState, InstanceEvent> = {
  kind: 'Instance',
  types: [
    'InstanceRequested',
    'InstanceApprovalAsked',
    'InstanceAdmitted',
    'InstanceAllocated',
    'InstancePodCreated',
    'InstanceStepStarted',
    'InstanceStepProgressed',
    'InstanceStepFinished',
    'InstanceRunning',
    'InstanceEndpointsChanged',
    'InstanceDegraded',
    'InstanceRecovered',
    'InstanceStopRequested',
    'InstanceStopped',
    'InstanceStartRequested',
    'InstanceTerminationRequested',
    'InstanceTerminated',
    'InstanceDeadlineMissed',
    'InstanceFailed',
  ],
  evolve: evolveInstance,
  async project(tx, entity) {
    const { projectId, name, phase } = entity.state;
    const row = { ...rowOfEntity(entity), projectId, name, phase };
    await tx.instance.upsert({ where: { id: entity.id }, create: row, update: row });
  },
};
