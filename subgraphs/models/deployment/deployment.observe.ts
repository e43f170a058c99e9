import type { AttemptEndReason } from '../../../contracts/endReasons.js';
import type { DeploymentEndReason, DeploymentEvent } from '../../../contracts/models.events.js';
import type { WorkloadEvent } from '../../../contracts/resources.events.js';
import type { DeploymentState } from './deployment.js';
import { deleted } from './deployment.decide.js';
import { deadlineOf, type DeploymentStatus, isFinal, leads } from './deployment.transitions.js';

/** What follows from what became of its pods. Hearing the same again changes nothing. */
export function decideObserved(state: DeploymentState, seen: WorkloadEvent, now: Date): DeploymentEvent[] {
  switch (seen.type) {
    case 'WorkloadAdmitted': {
      if (!leads(state.status, 'DeploymentAdmitted')) return [];
      const { allocationIds } = seen.data;
      return [
        { type: 'DeploymentAdmitted', data: { allocationIds, deadline: deadlineOf('PROVISIONING', now) } },
      ];
    }
    case 'WorkloadRefused':
      if (state.status === 'ALLOCATING') return [failed('CAPACITY_GONE', seen.data.message)];
      return gone(state.status);
    case 'WorkloadRunning':
      return replicas(state, {
        desired: state.replicas.desired,
        ready: Math.max(1, state.replicas.ready),
      });
    case 'WorkloadReplicasChanged':
      return replicas(state, seen.data);
    case 'WorkloadEnded':
      return leads(state.status, 'DeploymentFailed')
        ? [failed(END_REASONS[seen.data.reason], seen.data.message)]
        : [];
    case 'WorkloadCleared':
      return gone(state.status);
    case 'WorkloadCreated':
    case 'WorkloadEndRequested':
    case 'WorkloadDeadlineMissed':
      return [];
  }
}

/** The cluster holds nothing of it any more. */
function gone(status: DeploymentStatus): DeploymentEvent[] {
  if (status === 'DELETING') return [deleted];
  return isFinal(status) ? [] : [failed('DEVICES_LOST', 'Its pods and devices are gone.')];
}

function replicas(
  { status, replicas: before, spec }: DeploymentState,
  { desired, ready }: { desired: number; ready: number },
): DeploymentEvent[] {
  if (!['PROVISIONING', 'AVAILABLE', 'DEGRADED'].includes(status)) return [];
  const changed = desired !== before.desired || ready !== before.ready;
  const events: DeploymentEvent[] = changed
    ? [{ type: 'DeploymentReplicasChanged', data: { desired, ready } }]
    : [];
  const { min } = spec.replicas;
  if (ready >= min && leads(status, 'DeploymentAvailable'))
    events.push({ type: 'DeploymentAvailable', data: {} });
  if (ready < min && leads(status, 'DeploymentDegraded'))
    events.push({
      type: 'DeploymentDegraded',
      data: { message: `${ready} of at least ${min} replicas answer.` },
    });
  return events;
}

const failed = (endReason: DeploymentEndReason, message: string | null): DeploymentEvent => ({
  type: 'DeploymentFailed',
  data: { endReason, message },
});

const END_REASONS: Readonly<Record<AttemptEndReason, DeploymentEndReason>> = {
  COMPLETED: 'POD_FAILED',
  EXIT_CODE: 'POD_FAILED',
  OUT_OF_MEMORY: 'POD_FAILED',
  IMAGE_PULL_FAILED: 'IMAGE_PULL_FAILED',
  POD_REJECTED: 'POD_REJECTED',
  START_TIMEOUT: 'PROVISIONING_TIMEOUT',
  EVICTED: 'DEVICES_LOST',
  NODE_LOST: 'DEVICES_LOST',
  PODS_DELETED: 'DEVICES_LOST',
  CAPACITY_LOST: 'DEVICES_LOST',
  TIME_LIMIT: 'DEVICES_LOST',
  CANCELLED: 'DEVICES_LOST',
};
