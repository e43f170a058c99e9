import type {
  Endpoint,
  InstanceEndReason,
  InstanceEvent,
  InstanceSpec,
  Placement,
  ProvisioningStepName,
} from '../../../contracts/resources.events.js';
import { illegalTransition } from '../../../platform/errors.js';
import type { Existing } from '../../../platform/eventStore/aggregate.js';
import { isProvisioning, type InstanceState, wantsPod } from './instance.js';
import { hasEnded, stepOf } from './instance.steps.js';
import {
  allowedCommands,
  COMMANDS,
  deadlineOf,
  type InstanceCommandName,
  type InstancePhase,
  resultingPhase,
  TRANSITIONS,
} from './instance.transitions.js';

type Instance = Existing<InstanceState>;

export type NewInstance = {
  id: string;
  projectId: string;
  name: string;
  spec: InstanceSpec;
  planHash: string;
  reason: string | null;
};

/** What admission gave it: money, if there is a price, and devices. */
export type Admission = { holdId: string | null; placement: Placement };

/** A request that nobody needs to approve: from nothing to PROVISIONING, with its devices. */
export const decideRequest = (request: NewInstance, admission: Admission, now: Date): InstanceEvent[] => [
  { type: 'InstanceRequested', data: { ...request, deadline: deadlineOf('REQUESTED', now) } },
  {
    type: 'InstanceAdmitted',
    data: { holdId: admission.holdId, deadline: deadlineOf('ALLOCATING', now) },
  },
  {
    type: 'InstanceAllocated',
    data: { placement: admission.placement, deadline: deadlineOf('PROVISIONING', now) },
  },
];

/** Refused with ILLEGAL_TRANSITION and the commands that the phase allows. */
export function checkCommand({ id, state }: Instance, command: InstanceCommandName): void {
  if (resultingPhase(state.phase, command) === null)
    throw illegalTransition({ id, state: state.phase }, allowedCommands(state.phase));
}

export function decideStart(instance: Instance, admission: Admission, now: Date): InstanceEvent[] {
  checkCommand(instance, 'startInstance');
  return [{ type: COMMANDS.startInstance, data: { ...admission, deadline: deadlineOf('STARTING', now) } }];
}

export function decideStop(instance: Instance, now: Date): InstanceEvent[] {
  checkCommand(instance, 'stopInstance');
  return [{ type: COMMANDS.stopInstance, data: { deadline: deadlineOf('STOPPING', now) } }];
}

export function decideTerminate(instance: Instance, now: Date): InstanceEvent[] {
  checkCommand(instance, 'terminateInstance');
  return [{ type: COMMANDS.terminateInstance, data: { deadline: deadlineOf('TERMINATING', now) } }];
}

/** What somebody who watches the cluster says about an instance's pod. */
export type Observation =
  | { type: 'podCreated'; podName: string }
  | { type: 'stepStarted'; step: ProvisioningStepName }
  | { type: 'stepProgressed'; step: ProvisioningStepName; percent: number | null; message: string | null }
  | { type: 'stepFinished'; step: ProvisioningStepName; message?: string | null }
  | { type: 'podReady'; endpoints: readonly Endpoint[] }
  | { type: 'podUnready'; reason: string; message: string | null }
  | { type: 'podFailed'; reason: InstanceEndReason; message: string | null; retryable: boolean }
  | { type: 'podGone' };

/**
 * The events that an observation makes true. What is known already makes none, and neither does what comes too late for
 * the phase: an observer may say the same again, and may be behind.
 */
export function decideObservation({ state }: Instance, seen: Observation, now: Date): InstanceEvent[] {
  switch (seen.type) {
    case 'podCreated':
      return decidePodCreated(state, seen.podName, now);
    case 'stepStarted': {
      const step = stepOf(state.steps, seen.step);
      if (!isProvisioning(state) || step?.state !== 'PENDING') return [];
      return [{ type: 'InstanceStepStarted', data: { step: seen.step } }];
    }
    case 'stepProgressed': {
      const { step: name, percent, message } = seen;
      const step = stepOf(state.steps, name);
      const known = step?.percent === percent && step.message === message;
      if (!isProvisioning(state) || known || hasEnded(step)) return [];
      return [{ type: 'InstanceStepProgressed', data: { step: name, percent, message } }];
    }
    case 'stepFinished': {
      const { step, message = null } = seen;
      if (!isProvisioning(state) || hasEnded(stepOf(state.steps, step))) return [];
      return [{ type: 'InstanceStepFinished', data: { step, outcome: 'SUCCEEDED', message } }];
    }
    case 'podReady':
      return decidePodReady(state, [...seen.endpoints], now);
    case 'podUnready':
      return decidePodUnready(state, seen.reason, seen.message);
    case 'podFailed':
      return decidePodFailed(state, seen);
    case 'podGone':
      return decidePodGone(state);
  }
}

function decidePodCreated(state: InstanceState, podName: string, now: Date): InstanceEvent[] {
  const waited = stepOf(state.steps, 'CREATE_POD')?.state === 'RUNNING';
  if (!waited || !leads(state.phase, 'InstancePodCreated')) return [];
  const deadline =
    state.phase === 'STARTING' && state.deadline ? state.deadline : deadlineOf('CONFIGURING', now);
  return [{ type: 'InstancePodCreated', data: { podName, deadline } }];
}

/** A pod that is ready was created, whoever missed that. */
function decidePodReady(state: InstanceState, endpoints: Endpoint[], now: Date): InstanceEvent[] {
  const running: InstanceEvent = { type: 'InstanceRunning', data: { endpoints } };
  if (state.phase === 'PROVISIONING') return [...decidePodCreated(state, state.podName ?? '', now), running];
  if (leads(state.phase, 'InstanceRunning')) return [running];
  if (state.phase === 'DEGRADED') return [{ type: 'InstanceRecovered', data: { endpoints } }];
  const same = JSON.stringify(state.endpoints) === JSON.stringify(endpoints);
  if (state.phase !== 'RUNNING' || same) return [];
  return [{ type: 'InstanceEndpointsChanged', data: { endpoints } }];
}

/** Only something that ran can become degraded; before that, not being ready is the normal case. */
function decidePodUnready(state: InstanceState, reason: string, message: string | null): InstanceEvent[] {
  if (!leads(state.phase, 'InstanceDegraded')) return [];
  return [{ type: 'InstanceDegraded', data: { reason, message } }];
}

/** What never ran has failed. What ran is degraded, and its pod is made anew on the same devices. */
function decidePodFailed(
  state: InstanceState,
  { reason: endReason, message, retryable }: Observation & { type: 'podFailed' },
): InstanceEvent[] {
  if (leads(state.phase, 'InstanceFailed'))
    return [{ type: 'InstanceFailed', data: { endReason, message, retryable } }];
  return decidePodUnready(state, endReason, message);
}

function decidePodGone(state: InstanceState): InstanceEvent[] {
  if (leads(state.phase, 'InstanceStopped')) return [{ type: 'InstanceStopped', data: {} }];
  if (leads(state.phase, 'InstanceTerminated'))
    return [{ type: 'InstanceTerminated', data: { endReason: 'TERMINATED_BY_REQUEST' } }];
  return decidePodUnready(state, 'POD_GONE', 'The pod is gone; it will be made again.');
}

/** Whether the devices are free once no pod exists. */
export const releasesDevices = (state: InstanceState): boolean => !wantsPod(state) && !isProvisioning(state);

/** The watchdog: says that the phase did not end in time, and gives up what does not run yet. */
export function decideDeadline({ state }: Instance, now: Date): InstanceEvent[] {
  const { phase, deadline, deadlineMissed } = state;
  if (deadline === null || deadlineMissed || new Date(deadline) > now) return [];
  const missed: InstanceEvent = { type: 'InstanceDeadlineMissed', data: { state: phase, deadline } };
  if (!leads(phase, 'InstanceFailed')) return [missed];
  const endReason = phase === 'AWAITING_APPROVAL' ? 'APPROVAL_EXPIRED' : 'PROVISIONING_TIMEOUT';
  const message = `${phase} did not end by ${deadline}`;
  return [missed, { type: 'InstanceFailed', data: { endReason, message, retryable: true } }];
}

const leads = (phase: InstancePhase, type: InstanceEvent['type']): boolean =>
  TRANSITIONS[phase][type] !== undefined;
