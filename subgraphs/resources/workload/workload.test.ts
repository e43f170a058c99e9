import fc from 'fast-check';
import { expect, test } from 'vitest';
import { ATTEMPT_END_REASONS, type AttemptEndReason } from '../../../contracts/endReasons.js';
import type { WorkloadEvent } from '../../../contracts/resources.events.js';
import { capacityExhausted } from '../admission/errors.js';
import { decideAdmit, decideDeadline, decideEnd, decideRefuse, mayBeAdmitted } from './workload.decide.js';
import { evolveWorkload, type WorkloadBody, type WorkloadState } from './workload.js';
import { decideObservations, type WorkloadObservation } from './workload.observe.js';
import { FINAL_PHASES, leads, TRANSITIONS, wantsPods } from './workload.transitions.js';

const START = new Date('2026-11-21T10:00:00.000Z');
const H100 = 'h100-sxm5-80gb';
const whose = { owner: { kind: 'JOB', id: 'job_1' } as const, attempt: 1, projectId: 'vision' };
const spec = {
  image: 'trainer:1',
  command: [],
  gpu: { modelIn: [H100], count: 2 },
  env: [],
  secretRefs: [],
  labels: [],
  annotations: [],
};
const body: WorkloadBody = {
  name: 'train',
  job: { spec, maxRuntimeSeconds: 3_600 },
  deployment: null,
  gpuModelId: H100,
  clusterId: 'eu-1',
  shares: [{ nodeId: 'eu-1/h100-1', pods: 1, gpusPerPod: 2 }],
  allocationIds: ['allocation_1', 'allocation_2'],
  holdId: 'hold_1',
};

const after = (state: WorkloadState | null, events: readonly WorkloadEvent[], at = START): WorkloadState => {
  const occurredAt = at.toISOString();
  const folded = events.reduce<WorkloadState | null>(
    (before, event) => evolveWorkload(before, { ...event, occurredAt }),
    state,
  );
  if (!folded) throw new Error('Nothing happened');
  return folded;
};
const admitted = () => after(null, decideAdmit(whose, body, START));
const seeing = (state: WorkloadState, ...seen: WorkloadObservation[]) =>
  after(state, decideObservations(state, seen, START));
const created: WorkloadObservation = { type: 'created', uid: 'uid' };
const running = () => seeing(admitted(), created, { type: 'running' });
const later = (minutes: number) => new Date(START.getTime() + minutes * 60_000);

test('an attempt goes from its devices to its end and gives them back, and says when each phase must be over', () => {
  let workload = admitted();
  expect(workload).toMatchObject({ phase: 'ADMITTED', deadline: later(30).toISOString() });
  workload = seeing(workload, created);
  expect(workload).toMatchObject({ phase: 'STARTING', uid: 'uid', deadline: later(30).toISOString() });
  workload = seeing(workload, { type: 'running' });
  expect(workload).toMatchObject({
    phase: 'RUNNING',
    startedAt: START.toISOString(),
    deadline: later(61).toISOString(),
  });
  workload = seeing(workload, { type: 'ended', reason: 'EXIT_CODE', exitCode: 3, message: 'no data' });
  expect(workload).toMatchObject({
    phase: 'ENDED',
    end: { reason: 'EXIT_CODE', exitCode: 3, message: 'no data', endedAt: START.toISOString() },
    deadline: later(10).toISOString(),
  });
  workload = seeing(workload, { type: 'gone' });
  expect(workload).toMatchObject({ phase: 'CLEARED', deadline: null });
});

test('a job that was over before anybody looked has been created, and ran', () => {
  const seen: WorkloadObservation[] = [
    created,
    { type: 'running' },
    { type: 'ended', reason: 'COMPLETED', exitCode: 0, message: null },
  ];
  const events = decideObservations(admitted(), seen, START);
  expect(events.map(({ type }) => type)).toEqual(['WorkloadCreated', 'WorkloadRunning', 'WorkloadEnded']);
});

test('telling the same again changes nothing', () => {
  const replicas: WorkloadObservation = { type: 'replicas', desired: 2, ready: 1 };
  const ended: WorkloadObservation = { type: 'ended', reason: 'COMPLETED', exitCode: 0, message: null };
  for (const seen of [[created], [created, { type: 'running' }, ended], [created, replicas]] as const)
    expect(decideObservations(seeing(admitted(), ...seen), seen, START)).toEqual([]);
  const cleared = seeing(running(), ended, { type: 'gone' });
  expect(decideObservations(cleared, [created, ended, { type: 'gone' }], START)).toEqual([]);
});

test('what is to end stays to end for the reason that was given, and is over once nothing of it is left', () => {
  for (const state of [admitted(), running()]) {
    const ending = after(state, decideEnd(state, 'CANCELLED', START));
    expect(ending).toMatchObject({ phase: 'ENDING', endReason: 'CANCELLED' });
    expect(decideEnd(ending, 'CANCELLED', START)).toEqual([]);
    const done: WorkloadObservation = { type: 'ended', reason: 'COMPLETED', exitCode: 0, message: null };
    expect(decideObservations(ending, [done], START)).toEqual([]);
    const events = decideObservations(ending, [{ type: 'gone' }], START);
    expect(events).toMatchObject([
      { type: 'WorkloadEnded', data: { reason: 'CANCELLED' } },
      { type: 'WorkloadCleared' },
    ]);
  }
});

test('a deployment runs once its first replica answers, and tells each count once', () => {
  const service = { ...body, job: null };
  const owner = { kind: 'DEPLOYMENT', id: 'deployment_1' } as const;
  const state = after(null, decideAdmit({ ...whose, owner }, service, START));
  const starting = seeing(state, created, { type: 'replicas', desired: 2, ready: 0 });
  expect(starting).toMatchObject({ phase: 'STARTING', replicas: { desired: 2, ready: 0 } });
  expect(decideObservations(starting, [{ type: 'replicas', desired: 2, ready: 0 }], START)).toEqual([]);
  const serving = seeing(starting, { type: 'replicas', desired: 2, ready: 1 });
  expect(serving).toMatchObject({ phase: 'RUNNING', deadline: null, replicas: { ready: 1 } });
});

test('what does not run in time, or runs too long, ends; what does not go away is told once', () => {
  for (const [state, minutes, reason] of [
    [admitted(), 30, 'START_TIMEOUT'],
    [running(), 61, 'TIME_LIMIT'],
  ] as const) {
    expect(decideDeadline(state, later(minutes - 1))).toEqual([]);
    expect(decideDeadline(state, later(minutes))).toMatchObject([
      { type: 'WorkloadDeadlineMissed', data: { phase: state.phase } },
      { type: 'WorkloadEnded', data: { reason } },
    ]);
  }
  const ending = after(running(), decideEnd(running(), 'CANCELLED', START));
  const missed = decideDeadline(ending, later(10));
  expect(missed.map(({ type }) => type)).toEqual(['WorkloadDeadlineMissed']);
  expect(decideDeadline(after(ending, missed), later(11))).toEqual([]);
});

test('what was refused may be asked for again; what was admitted may not', () => {
  expect(mayBeAdmitted(null)).toBe(true);
  const refused = after(null, decideRefuse(whose, capacityExhausted(H100, 2, 1)));
  expect(refused).toMatchObject({ phase: 'REFUSED', body: null, refusal: { code: 'CAPACITY_EXHAUSTED' } });
  expect(mayBeAdmitted(refused)).toBe(true);
  expect(after(refused, decideAdmit(whose, body, START))).toMatchObject({ phase: 'ADMITTED', refusal: null });
  expect(mayBeAdmitted(admitted())).toBe(false);
});

const observation: fc.Arbitrary<WorkloadObservation> = fc.oneof(
  fc.constant(created),
  fc.constant<WorkloadObservation>({ type: 'running' }),
  fc.constant<WorkloadObservation>({ type: 'gone' }),
  fc.record({ type: fc.constant('replicas' as const), desired: fc.nat(3), ready: fc.nat(3) }),
  fc
    .constantFrom(...(Object.keys(ATTEMPT_END_REASONS) as AttemptEndReason[]))
    .map((reason) => ({ type: 'ended' as const, reason, exitCode: null, message: null })),
);
const step = fc.oneof(
  fc.array(observation, { maxLength: 4 }).map((seen) => ({ seen })),
  fc.constant({ end: true as const }),
  fc.record({ minutes: fc.nat(200) }),
);

test('whatever happens, phases are left only by the table, devices are given back once, and only after the end', () => {
  fc.assert(
    fc.property(fc.array(step, { maxLength: 25 }), (steps) => {
      let state = admitted();
      let now = START;
      const types: string[] = [];
      for (const each of steps) {
        if ('minutes' in each) now = new Date(now.getTime() + each.minutes * 60_000);
        const events =
          'seen' in each
            ? decideObservations(state, each.seen, now)
            : 'end' in each
              ? decideEnd(state, 'CANCELLED', now)
              : decideDeadline(state, now);
        for (const event of events) {
          const before = state.phase;
          state = after(state, [event], now);
          types.push(event.type);
          if (state.phase !== before) expect(TRANSITIONS[before][event.type]).toBe(state.phase);
        }
        if (!FINAL_PHASES.includes(state.phase)) expect(state.deadline).not.toBeNull();
        expect(wantsPods(state.phase)).toBe(state.end === null && leads(state.phase, 'WorkloadEndRequested'));
      }
      const cleared = types.indexOf('WorkloadCleared');
      if (cleared < 0) return;
      expect(types.lastIndexOf('WorkloadCleared')).toBe(types.length - 1);
      expect(types.filter((type) => type === 'WorkloadEnded')).toHaveLength(1);
    }),
    { numRuns: 500 },
  );
});
