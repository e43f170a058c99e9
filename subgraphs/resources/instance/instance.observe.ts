import type {
  Endpoint,
  InstanceEndReason,
  InstanceEvent,
  ProvisioningStepName,
} from '../../../contracts/resources.events.js';
import { evolveInstance, type InstanceState, isProvisioning, wantsPod } from './instance.js';
import { hasEnded, stepOf } from './instance.steps.js';
import { deadlineOf, leads } from './instance.transitions.js';

/** What somebody who watches the cluster says about an instance's pod. */
export type Observation =
  | { type: 'podCreated'; podUid: string }
  | { type: 'stepStarted'; step: ProvisioningStepName }
  | { type: 'stepProgressed'; step: ProvisioningStepName; percent: number | null; message: string | null }
  | { type: 'stepFinished'; step: ProvisioningStepName; message?: string | null }
  | { type: 'podReady'; endpoints: readonly Endpoint[] }
  | { type: 'podUnready'; reason: string; message: string | null }
  | { type: 'podFailed'; reason: InstanceEndReason; message: string | null; retryable: boolean }
  | { type: 'podGone' };

/** Several observations of one moment, in order: each is decided on what the ones before it made true. */
export function decideObservations(
  before: InstanceState,
  observations: readonly Observation[],
  now: Date,
): InstanceEvent[] {
  const occurredAt = now.toISOString();
  const events: InstanceEvent[] = [];
  let state = before;
  for (const seen of observations) {
    const more = decideObservation(state, seen, now);
    state = more.reduce((folded, event) => evolveInstance(folded, { ...event, occurredAt }), state);
    events.push(...more);
  }
  return events;
}

/**
 * The events that an observation makes true. What is known already makes none, and neither does what comes too late for
 * the phase: an observer may say the same again, and may be behind.
 */
export function decideObservation(state: InstanceState, seen: Observation, now: Date): InstanceEvent[] {
  switch (seen.type) {
    case 'podCreated':
      return decidePodCreated(state, seen.podUid, now);
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

function decidePodCreated(state: InstanceState, podUid: string, now: Date): InstanceEvent[] {
  if (state.podUid !== null || !leads(state.phase, 'InstancePodCreated')) return [];
  const deadline =
    state.phase === 'STARTING' && state.deadline ? state.deadline : deadlineOf('CONFIGURING', now);
  return [{ type: 'InstancePodCreated', data: { podUid, deadline } }];
}

/** A pod that is ready was created, whoever missed that. */
function decidePodReady(state: InstanceState, endpoints: Endpoint[], now: Date): InstanceEvent[] {
  const running: InstanceEvent = { type: 'InstanceRunning', data: { endpoints } };
  if (state.phase === 'PROVISIONING') return [...decidePodCreated(state, 'unknown', now), running];
  if (leads(state.phase, 'InstanceRunning')) return [running];
  if (state.phase === 'DEGRADED') return [{ type: 'InstanceRecovered', data: { endpoints } }];
  if (state.phase !== 'RUNNING' || sameEndpoints(state.endpoints, endpoints)) return [];
  return [{ type: 'InstanceEndpointsChanged', data: { endpoints } }];
}

/** Stored JSON does not keep the order of keys, so the text of two endpoints says nothing. */
const sameEndpoints = (known: readonly Endpoint[], seen: readonly Endpoint[]) =>
  known.length === seen.length &&
  known.every(({ name, url }, index) => name === seen[index]?.name && url === seen[index]?.url);

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
