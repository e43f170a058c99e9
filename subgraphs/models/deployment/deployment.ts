import type { DeploymentEndReason, DeploymentEvent, Traffic } from '../../../contracts/models.events.js';
import type { DeploymentSpec } from '../../../contracts/resources.events.js';
import type { Existing } from '../../../platform/eventStore/aggregate.js';
import { type DeploymentStatus, isTransitional, TRANSITIONS } from './deployment.transitions.js';

/** A model version that is served by pods with GPUs. */
export type DeploymentState = {
  projectId: string;
  name: string;
  modelId: string;
  /** The version that its pods were made of. */
  modelVersionId: string;
  spec: DeploymentSpec;
  planHash: string;
  status: DeploymentStatus;
  traffic: Traffic;
  /** Before it was set last; null as long as it was not. */
  previousTraffic: Traffic | null;
  replicas: { desired: number; ready: number };
  allocationIds: string[];
  /** The approval that it waits or waited for. */
  approvalId: string | null;
  /** When a transitional status must have ended; null in the others. */
  deadline: string | null;
  deadlineMissed: boolean;
  /** What is wrong with it, if something is. */
  message: string | null;
  endReason: DeploymentEndReason | null;
  /** When its status was last seen to be what it says. */
  observedAt: string;
};

export type DeploymentEntity = Existing<DeploymentState>;

/** All requests, in basis points. */
export const WHOLE = 10_000;

/** What the fold needs of an event: the fact, and when it happened. */
export type DeploymentFact = DeploymentEvent & { occurredAt: string };

export function evolveDeployment(before: DeploymentState | null, event: DeploymentFact): DeploymentState {
  if (event.type === 'DeploymentRequested') return requested(event);
  if (!before) throw new Error(`${event.type} of a deployment that nobody requested`);
  return change(advance(before, event), event);
}

function requested(event: DeploymentFact & { type: 'DeploymentRequested' }): DeploymentState {
  const { id: _id, ...born } = event.data;
  return {
    ...born,
    status: 'REQUESTED',
    previousTraffic: null,
    replicas: { desired: born.spec.replicas.min, ready: 0 },
    allocationIds: [],
    approvalId: null,
    deadlineMissed: false,
    message: null,
    endReason: null,
    observedAt: event.occurredAt,
  };
}

/** Moves the status as the table says. An event that the table does not know here leaves the status as it is. */
function advance(before: DeploymentState, event: DeploymentFact): DeploymentState {
  const status = TRANSITIONS[before.status][event.type] ?? before.status;
  const observedAt = event.occurredAt;
  if (status === before.status) return { ...before, observedAt };
  const deadline = isTransitional(status) && 'deadline' in event.data ? event.data.deadline : null;
  return { ...before, status, deadline, deadlineMissed: false, observedAt };
}

/** What an event says beyond the status. `deployment` has advanced already. */
function change(deployment: DeploymentState, event: DeploymentFact): DeploymentState {
  const { replicas } = deployment;
  switch (event.type) {
    case 'DeploymentRequested':
    case 'DeploymentDeletionRequested':
    case 'DeploymentAdmissionAsked':
      return deployment;
    case 'DeploymentApprovalAsked':
      return { ...deployment, approvalId: event.data.ask.approvalId };
    case 'DeploymentAdmitted':
      return { ...deployment, allocationIds: event.data.allocationIds };
    case 'DeploymentAvailable':
      return { ...deployment, message: null };
    case 'DeploymentDegraded':
      return { ...deployment, message: event.data.message };
    case 'DeploymentReplicasChanged':
      return { ...deployment, replicas: { desired: event.data.desired, ready: event.data.ready } };
    case 'DeploymentTrafficSet':
      return {
        ...deployment,
        traffic: event.data.traffic,
        previousTraffic: event.data.previousTraffic,
      };
    case 'DeploymentDeadlineMissed':
      return { ...deployment, deadlineMissed: true };
    case 'DeploymentDeleted':
      return { ...deployment, endReason: event.data.endReason, replicas: { ...replicas, ready: 0 } };
    case 'DeploymentFailed': {
      const { endReason, message } = event.data;
      return { ...deployment, endReason, message, replicas: { ...replicas, ready: 0 } };
    }
  }
}

/** What the plan's hash is taken of. */
export const requestOf = (
  deployment: Pick<DeploymentState, 'projectId' | 'name' | 'modelVersionId' | 'spec'>,
): Record<string, unknown> => {
  const { projectId, name, modelVersionId, spec } = deployment;
  return { projectId, name, modelVersionId, spec };
};

export type LoadState = 'PENDING' | 'LOADING' | 'LOADED' | 'FAILED_TO_LOAD';

/** How far its replicas are with loading the model, as their readiness tells. */
export function loadStateOf({ status, replicas, allocationIds }: DeploymentState): LoadState {
  if (replicas.ready > 0) return 'LOADED';
  if (status === 'PROVISIONING' || status === 'AVAILABLE' || status === 'DEGRADED') return 'LOADING';
  return status === 'FAILED' && allocationIds.length > 0 ? 'FAILED_TO_LOAD' : 'PENDING';
}
