import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { ApprovalAsk } from '../../../contracts/approval.js';
import type { InstanceEvent, ProvisioningStepName } from '../../../contracts/resources.events.js';
import { PublicError } from '../../../platform/errors.js';
import type { Existing } from '../../../platform/eventStore/aggregate.js';
import {
  decideAdmission,
  decideDeadline,
  decideRefusal,
  decideRequest,
  decideRequestApproval,
  decideStart,
  decideStop,
  decideTerminate,
} from './instance.decide.js';
import { evolveInstance, type InstanceState, isProvisioning, wantsPod } from './instance.js';
import { decideObservations, type Observation, releasesDevices } from './instance.observe.js';
import { STEP_NAMES } from './instance.steps.js';
import { allowedCommands, isFinal, isTransitional, TRANSITIONS } from './instance.transitions.js';

const START = new Date('2026-11-21T10:00:00.000Z');
const placement = {
  gpuModelId: 'h100-sxm5-80gb',
  clusterId: 'eu-1',
  nodeId: 'eu-1/h100-1',
  allocationIds: ['allocation_1'],
};
const spec = {
  image: 'busybox',
  gpu: { modelIn: ['h100-sxm5-80gb'], count: 1 },
  cpuMillis: null,
  memoryMiB: null,
  ports: [],
  env: [],
  secretRefs: [],
  labels: [],
  annotations: [],
};
const wish = {
  id: 'instance_1',
  projectId: 'vision',
  name: 'notebook',
  spec,
  planHash: 'hash',
  reason: null,
};
const admission = { holdId: 'hold_1', placement };

const after = (state: InstanceState | null, events: readonly InstanceEvent[], at: Date): InstanceState => {
  const occurredAt = at.toISOString();
  const folded = events.reduce<InstanceState | null>(
    (before, event) => evolveInstance(before, { ...event, occurredAt }),
    state,
  );
  if (!folded) throw new Error('Nothing happened');
  return folded;
};

const ask: ApprovalAsk = {
  approvalId: 'approval_1',
  action: 'REQUEST_INSTANCE',
  target: { type: 'Instance', id: wish.id, name: wish.name },
  planHash: wish.planHash,
  reason: null,
  policyVersion: 'shipped-1',
  rules: [{ rule: 'gpus-above-4', reason: 'More than 4 GPUs in one request.' }],
  estimate: null,
  quota: [],
  expiresAt: '2026-11-28T10:00:00.000Z',
};
const refusal = { endReason: 'APPROVAL_REJECTED', message: 'No.', retryable: false } as const;
const waiting = (): InstanceState => after(null, decideRequestApproval(wish, ask, START), START);
const requested = (): InstanceState => after(null, decideRequest(wish, admission, START), START);

const entity = (state: InstanceState): Existing<InstanceState> => ({
  id: wish.id,
  state,
  version: 1,
  createdAt: START.toISOString(),
  createdBy: { id: 'user_1', kind: 'USER' },
  updatedAt: START.toISOString(),
});

const observe = (state: InstanceState, ...seen: Observation[]) =>
  after(state, decideObservations(state, seen, START), START);

const UP: Observation[] = [
  { type: 'podCreated', podUid: 'pod-1' },
  { type: 'podReady', endpoints: [] },
];

test('a request that needs no approval has its devices at once, and a deadline for its pod', () => {
  expect(requested()).toMatchObject({
    phase: 'PROVISIONING',
    placement,
    deadline: '2026-11-21T10:10:00.000Z',
  });
});

test('a step that began ends those before it', () => {
  const state = observe(
    requested(),
    { type: 'podCreated', podUid: 'pod-1' },
    { type: 'stepStarted', step: 'START' },
  );
  expect(state.steps.map((step) => step.state)).toEqual([
    'SUCCEEDED',
    'SUCCEEDED',
    'SUCCEEDED',
    'SUCCEEDED',
    'RUNNING',
  ]);
});

test('a pod that fails before it ran ends the instance; later it is made again on the same devices', () => {
  const failure: Observation = {
    type: 'podFailed',
    reason: 'POD_FAILED',
    message: 'exit 1',
    retryable: true,
  };
  const early = observe(requested(), failure);
  expect(early).toMatchObject({
    phase: 'FAILED',
    endReason: 'POD_FAILED',
    message: 'exit 1',
    retryable: true,
  });
  const late = observe(observe(requested(), ...UP), failure);
  expect(late).toMatchObject({ phase: 'DEGRADED', endReason: null });
  expect(wantsPod(late)).toBe(true);
  expect(observe(late, { type: 'podReady', endpoints: [] })).toMatchObject({
    phase: 'RUNNING',
    message: null,
  });
});

test('a pod that is gone ends what was to end, and nothing else', () => {
  const running = observe(requested(), ...UP);
  expect(observe(running, { type: 'podGone' }).phase).toBe('DEGRADED');
  const stopping = after(running, decideStop(entity(running), START), START);
  expect(observe(stopping, { type: 'podGone' }).phase).toBe('STOPPED');
  const terminating = after(running, decideTerminate(entity(running), START), START);
  expect(observe(terminating, { type: 'podGone' })).toMatchObject({
    phase: 'TERMINATED',
    endReason: 'TERMINATED_BY_REQUEST',
  });
});

test('what waits for an approval goes on by that one alone, once, and otherwise has nothing to lose', () => {
  expect(waiting()).toMatchObject({ phase: 'AWAITING_APPROVAL', approvalId: 'approval_1', placement: null });
  expect(decideAdmission(entity(waiting()), 'approval_2', admission, START)).toEqual([]);
  const admitted = after(
    waiting(),
    decideAdmission(entity(waiting()), 'approval_1', admission, START),
    START,
  );
  expect(admitted).toMatchObject({ phase: 'PROVISIONING', placement });
  expect(decideAdmission(entity(admitted), 'approval_1', admission, START)).toEqual([]);
  expect(decideRefusal(entity(admitted), 'approval_1', refusal)).toEqual([]);
  const refused = after(waiting(), decideRefusal(entity(waiting()), 'approval_1', refusal), START);
  expect(refused).toMatchObject({ phase: 'FAILED', endReason: 'APPROVAL_REJECTED', retryable: false });
  const ended = after(waiting(), decideTerminate(entity(waiting()), START), START);
  expect(ended).toMatchObject({ phase: 'TERMINATED', endReason: 'TERMINATED_BY_REQUEST' });
});

test('what does not come up in time is given up; what does not go away in time is only told', () => {
  const late = new Date(START.getTime() + 60 * 60_000);
  const state = requested();
  expect(decideDeadline(entity(state), START)).toEqual([]);
  const given = after(state, decideDeadline(entity(state), late), late);
  expect(given).toMatchObject({ phase: 'FAILED', endReason: 'PROVISIONING_TIMEOUT', retryable: true });
  const stopping = after(observe(state, ...UP), decideStop(entity(observe(state, ...UP)), START), START);
  const [missed, ...more] = decideDeadline(entity(stopping), late);
  expect(missed).toMatchObject({ type: 'InstanceDeadlineMissed', data: { state: 'STOPPING' } });
  expect(more).toEqual([]);
});

test('a state that ended is left by nothing, and only REQUESTED begins', () => {
  expect(
    Object.entries(TRANSITIONS)
      .filter(([, leads]) => Object.keys(leads).length === 0)
      .map(([phase]) => phase),
  ).toEqual(['TERMINATED', 'FAILED']);
  const reached = new Set(Object.values(TRANSITIONS).flatMap((leads) => Object.values(leads)));
  expect(Object.keys(TRANSITIONS).filter((phase) => !reached.has(phase as never))).toEqual(['REQUESTED']);
});

const step = fc.constantFrom<ProvisioningStepName>(...STEP_NAMES);
const message = fc.option(fc.constantFrom('waiting', 'pulling'));
const observation: fc.Arbitrary<Observation> = fc.oneof(
  fc.record({ type: fc.constant('podCreated' as const), podUid: fc.constantFrom('pod-1', 'pod-2') }),
  fc.record({ type: fc.constant('stepStarted' as const), step }),
  fc.record({
    type: fc.constant('stepProgressed' as const),
    step,
    percent: fc.option(fc.constant(50)),
    message,
  }),
  fc.record({ type: fc.constant('stepFinished' as const), step, message }),
  fc.record({
    type: fc.constant('podReady' as const),
    endpoints: fc.constantFrom([], [{ name: 'http', url: 'http://a' }]),
  }),
  fc.record({ type: fc.constant('podUnready' as const), reason: fc.constant('NOT_READY'), message }),
  fc.record({
    type: fc.constant('podFailed' as const),
    reason: fc.constant('POD_FAILED' as const),
    message,
    retryable: fc.boolean(),
  }),
  fc.constant({ type: 'podGone' as const }),
);

const CHANGES = ['start', 'stop', 'terminate', 'deadline', 'approved', 'rejected'] as const;
type Happening = { kind: 'seen'; seen: Observation } | { kind: (typeof CHANGES)[number] };
const happening: fc.Arbitrary<Happening> = fc.oneof(
  { weight: 4, arbitrary: observation.map((seen) => ({ kind: 'seen' as const, seen })) },
  {
    weight: 1,
    arbitrary: fc.constantFrom(...CHANGES).map((kind) => ({ kind }) as Happening),
  },
);

/** The events, or null if the command was refused. */
function decide(state: InstanceState, happened: Happening, now: Date): InstanceEvent[] | null {
  try {
    switch (happened.kind) {
      case 'seen':
        return decideObservations(state, [happened.seen], now);
      case 'start':
        return decideStart(entity(state), admission, now);
      case 'stop':
        return decideStop(entity(state), now);
      case 'terminate':
        return decideTerminate(entity(state), now);
      case 'deadline':
        return decideDeadline(entity(state), now);
      case 'approved':
        return decideAdmission(entity(state), ask.approvalId, admission, now);
      case 'rejected':
        return decideRefusal(entity(state), ask.approvalId, refusal);
    }
  } catch (error) {
    if (error instanceof PublicError && error.extensions.code === 'ILLEGAL_TRANSITION') {
      expect(error.extensions.details).toMatchObject({ allowed: allowedCommands(state.phase) });
      return null;
    }
    throw error;
  }
}

const stories = fc.array(fc.tuple(happening, fc.nat(3 * 60 * 60_000)), { maxLength: 40 });

test('whatever happens in whatever order, the states and deadlines hold together', () => {
  fc.assert(
    fc.property(fc.boolean(), stories, (waits, story) => {
      let state = waits ? waiting() : requested();
      let now = START;
      for (const [happened, laterMs] of story) {
        now = new Date(now.getTime() + laterMs);
        const events = decide(state, happened, now);
        if (events === null) continue;
        for (const event of events) {
          const before = state.phase;
          state = after(state, [event], now);
          if (state.phase !== before) expect(TRANSITIONS[before][event.type]).toBe(state.phase);
        }
        expect(state.deadline !== null).toBe(isTransitional(state.phase));
        expect(wantsPod(state) && releasesDevices(state)).toBe(false);
        if (isFinal(state.phase)) expect(state.endReason).not.toBeNull();
        if (!isProvisioning(state) && !isFinal(state.phase))
          expect(state.steps.every(({ state: is }) => is !== 'RUNNING')).toBe(true);
        if (happened.kind === 'seen') expect(decideObservations(state, [happened.seen], now)).toEqual([]);
        const { deadline, deadlineMissed } = state;
        if (deadline !== null && !deadlineMissed)
          expect(decideDeadline(entity(state), new Date(deadline))[0]?.type).toBe('InstanceDeadlineMissed');
      }
    }),
    { numRuns: 300 },
  );
});
