import type {
  Endpoint,
  InstanceEndReason,
  InstanceEvent,
  InstanceSpec,
  Placement,
} from '../../../contracts/resources.events.js';
import {
  failStep,
  finishStep,
  pendingSteps,
  progressStep,
  type ProvisioningStep,
  startStep,
  STEP_NAMES,
  stepOf,
} from './instance.steps.js';
import { type InstancePhase, isTransitional, TRANSITIONS } from './instance.transitions.js';

/** A pod with GPUs that belongs to a project. */
export type InstanceState = {
  projectId: string;
  name: string;
  spec: InstanceSpec;
  planHash: string;
  reason: string | null;
  /** What it waits for, or was admitted by; null where no rule asked for one. */
  approvalId: string | null;
  phase: InstancePhase;
  /** Null before it was allocated for the first time; kept when it stops or ends. */
  placement: Placement | null;
  /** Of the pod that was seen first since it was last started. */
  podUid: string | null;
  endpoints: Endpoint[];
  /** Of the newest provisioning or start. */
  steps: ProvisioningStep[];
  /** When a transitional phase must have ended; null in the others. */
  deadline: string | null;
  deadlineMissed: boolean;
  /** Why it is degraded, or what went wrong last. */
  message: string | null;
  endReason: InstanceEndReason | null;
  /** Whether the same request again could succeed. Null unless it failed. */
  retryable: boolean | null;
  /** When its state was last seen to be what it says. */
  observedAt: string;
};

/** What an instance's fold needs of an event: the fact, and when it happened. */
export type InstanceFact = InstanceEvent & { occurredAt: string };

export function evolveInstance(before: InstanceState | null, event: InstanceFact): InstanceState {
  if (event.type === 'InstanceRequested') return requested(event);
  if (!before) throw new Error(`${event.type} of an instance that nobody requested`);
  return change(advance(before, event), event);
}

function requested(event: InstanceFact & { type: 'InstanceRequested' }): InstanceState {
  const { projectId, name, spec, planHash, reason, deadline } = event.data;
  return {
    projectId,
    name,
    spec,
    planHash,
    reason,
    approvalId: null,
    deadline,
    phase: 'REQUESTED',
    placement: null,
    podUid: null,
    endpoints: [],
    steps: pendingSteps(),
    deadlineMissed: false,
    message: null,
    endReason: null,
    retryable: null,
    observedAt: event.occurredAt,
  };
}

/** Moves the phase as the table says. An event that the table does not know here leaves the phase as it is. */
function advance(before: InstanceState, event: InstanceFact): InstanceState {
  const phase = TRANSITIONS[before.phase][event.type] ?? before.phase;
  const observedAt = event.occurredAt;
  if (phase === before.phase) return { ...before, observedAt };
  const deadline = isTransitional(phase) && 'deadline' in event.data ? event.data.deadline : null;
  return { ...before, phase, deadline, deadlineMissed: false, observedAt };
}

/** What an event says beyond the phase. `instance` has advanced already. */
function change(instance: InstanceState, event: InstanceFact): InstanceState {
  const at = event.occurredAt;
  const { steps, deadline } = instance;
  switch (event.type) {
    case 'InstanceRequested':
    case 'InstanceStopRequested':
      return instance;
    case 'InstanceApprovalAsked':
      return { ...instance, approvalId: event.data.ask.approvalId };
    case 'InstanceTerminationRequested':
      return { ...instance, steps: failStep(steps, null, at, 'It was terminated meanwhile.') };
    case 'InstanceAdmitted':
      return { ...instance, steps: startStep(steps, 'ALLOCATE', at, deadline) };
    case 'InstanceAllocated':
      return { ...allocated(instance, at), placement: event.data.placement };
    case 'InstanceStartRequested':
      return {
        ...allocated({ ...instance, steps: pendingSteps() }, at),
        placement: event.data.placement,
        message: null,
      };
    case 'InstancePodCreated':
      return {
        ...instance,
        podUid: event.data.podUid,
        steps: startStep(steps, 'SCHEDULE', at, deadline),
      };
    case 'InstanceStepStarted':
      return { ...instance, steps: startStep(steps, event.data.step, at, deadline) };
    case 'InstanceStepProgressed':
      return { ...instance, steps: progressStep(steps, event.data.step, event.data) };
    case 'InstanceStepFinished':
      return { ...instance, steps: stepFinished(steps, event) };
    case 'InstanceRunning':
      return {
        ...instance,
        steps: finishStep(steps, 'START', at),
        endpoints: event.data.endpoints,
        message: null,
      };
    case 'InstanceEndpointsChanged':
      return { ...instance, endpoints: event.data.endpoints };
    case 'InstanceRecovered':
      return { ...instance, endpoints: event.data.endpoints, message: null };
    case 'InstanceDegraded':
      return { ...instance, message: event.data.message ?? event.data.reason };
    case 'InstanceStopped':
      return { ...instance, podUid: null, endpoints: [] };
    case 'InstanceTerminated':
      return { ...instance, podUid: null, endpoints: [], endReason: event.data.endReason };
    case 'InstanceDeadlineMissed':
      return { ...instance, deadlineMissed: true };
    case 'InstanceFailed':
      return failed(instance, event);
  }
}

/** Devices are given: what is left is to make them run. */
function allocated(instance: InstanceState, at: string): InstanceState {
  const done = finishStep(instance.steps, 'ALLOCATE', at);
  return { ...instance, steps: startStep(done, 'CREATE_POD', at, instance.deadline) };
}

function stepFinished(
  steps: ProvisioningStep[],
  { data, occurredAt }: InstanceFact & { type: 'InstanceStepFinished' },
): ProvisioningStep[] {
  const { step, outcome, message } = data;
  return outcome === 'SUCCEEDED'
    ? finishStep(steps, step, occurredAt, message)
    : failStep(steps, step, occurredAt, message);
}

function failed(instance: InstanceState, event: InstanceFact & { type: 'InstanceFailed' }): InstanceState {
  const { endReason, message, retryable } = event.data;
  return {
    ...instance,
    endReason,
    message,
    retryable,
    endpoints: [],
    steps: failStep(instance.steps, null, event.occurredAt, message),
  };
}

/** Whether a pod of it should run now. */
export const wantsPod = ({ phase }: Pick<InstanceState, 'phase'>): boolean =>
  ['PROVISIONING', 'CONFIGURING', 'STARTING', 'RUNNING', 'DEGRADED'].includes(phase);

/** Whether it is on its way to its first pod, or to another after a stop. */
export const isProvisioning = ({ phase }: Pick<InstanceState, 'phase'>): boolean =>
  ['REQUESTED', 'ALLOCATING', 'PROVISIONING', 'CONFIGURING', 'STARTING'].includes(phase);

/** The step that runs now, or null. */
export const currentStep = ({ steps }: Pick<InstanceState, 'steps'>): ProvisioningStep | null =>
  STEP_NAMES.map((name) => stepOf(steps, name)).find((step) => step?.state === 'RUNNING') ?? null;
