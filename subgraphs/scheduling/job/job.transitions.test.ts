import fc from 'fast-check';
import { expect, test } from 'vitest';
import { ATTEMPT_END_REASONS, type AttemptEndReason } from '../../../contracts/endReasons.js';
import type { WorkloadEvent } from '../../../contracts/resources.events.js';
import type { JobEvent } from '../../../contracts/scheduling.events.js';
import {
  type ApprovalVerdict,
  decideApproval,
  decideCancel,
  decideDeadline,
  decideReserve,
  decideSubmit,
  phaseAfterCancel,
} from './job.decide.js';
import { admitted, after, ask, cleared, ended, jobOf, newJob, refused, runs, START } from './job.fixture.js';
import { activeAttempt, evolveJob, type JobAttempt, type JobState } from './job.js';
import { jobAggregate } from './job.projection.js';
import { ATTEMPTS_MAX } from './job.retries.js';
import { isFinal, JobPhase, leads, TRANSITIONS } from './job.transitions.js';
import { decideWorkload } from './job.workload.js';

const phases = Object.values(JobPhase);
/** They say more about a phase, and end none. */
const REMARKS = ['JobAttemptEnded', 'JobDeadlineMissed'];

type Step =
  | { do: 'reserve'; offset: number }
  | { do: 'hear'; offset: number; event: WorkloadEvent }
  | { do: 'cancel' }
  | { do: 'deadline' }
  | { do: 'approval'; verdict: ApprovalVerdict };

/** From the attempt that the job is in, or waits for. */
const offset = fc.constantFrom(0, 0, 0, 0, -1, 1);
const reason = fc.constantFrom(...(Object.keys(ATTEMPT_END_REASONS) as AttemptEndReason[]));
const code = fc.constantFrom('QUOTA_EXCEEDED', 'CAPACITY_EXHAUSTED', 'UNSATISFIABLE', 'NOT_FOUND');
const told: fc.Arbitrary<WorkloadEvent> = fc.oneof(
  fc.constant(admitted(1)),
  code.map((refusal) => refused(1, refusal)),
  fc.constant(runs()),
  reason.map((why) => ended(why)),
  fc.constant(cleared),
);
const verdict = fc.constantFrom<ApprovalVerdict>(
  'APPROVED',
  'APPROVED',
  'REJECTED',
  'EXPIRED',
  'SUPERSEDED',
  'WITHDRAWN',
  'UNSATISFIABLE',
);
/** Mostly what is due, and now and then what is late, early, repeated or about another attempt. */
const step: fc.Arbitrary<Step> = fc.oneof(
  { weight: 4, arbitrary: fc.record({ do: fc.constant('reserve' as const), offset }) },
  { weight: 10, arbitrary: fc.record({ do: fc.constant('hear' as const), offset, event: told }) },
  { weight: 1, arbitrary: fc.constant({ do: 'cancel' } as const) },
  { weight: 1, arbitrary: fc.constant({ do: 'deadline' } as const) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('approval' as const), verdict }) },
);

const AT = new Date(START.getTime() + 30 * 86_400_000);
/** Later than any phase may last. */
const FAR = new Date(START.getTime() + 3_650 * 86_400_000);

function decide(state: JobState, wanted: Step): JobEvent[] {
  switch (wanted.do) {
    case 'reserve':
      return decideReserve(
        jobOf(state),
        { attempt: state.attempt + wanted.offset, gpuModelId: 'h100-sxm5-80gb', holdId: null },
        AT,
      );
    case 'hear':
      return decideWorkload(state, state.attempt + wanted.offset, wanted.event, START);
    case 'cancel':
      return phaseAfterCancel(state) === null ? [] : decideCancel(jobOf(state), START);
    case 'deadline':
      return decideDeadline(jobOf(state), AT);
    case 'approval':
      return decideApproval(jobOf(state), { approvalId: ask.approvalId, verdict: wanted.verdict }, START);
  }
}

/** Exactly one attempt is active in an active phase, none in another; numbers have no gap; what ended stays as it was. */
function checkAttempts(before: readonly JobAttempt[], state: JobState): void {
  const { attempts, phase } = state;
  expect(attempts.map(({ number }) => number)).toEqual(attempts.map((_attempt, index) => index + 1));
  expect(attempts.slice(0, -1).every(({ endedAt }) => endedAt !== null)).toBe(true);
  const active = activeAttempt(state);
  if (['RESERVED', 'STARTING', 'RUNNING'].includes(phase)) expect(active?.number).toBe(state.attempt);
  else if (phase !== 'COMPLETING') expect(active).toBeNull();
  for (const { endedAt, reason: why } of attempts) expect(endedAt === null).toBe(why === null);
  for (const old of before) if (old.endedAt !== null) expect(attempts[old.number - 1]).toEqual(old);
  expect(attempts.filter(({ allocationIds }) => allocationIds.length > 0).length).toBeLessThanOrEqual(
    ATTEMPTS_MAX,
  );
}

/** Takes the steps one by one, and checks after each what must always hold. */
function live(needsApproval: boolean, steps: readonly Step[], taken: Set<string>): void {
  let state: JobState | null = null;
  const happen = (events: readonly JobEvent[], at: Date) => {
    const attempts = state?.attempts ?? [];
    for (const event of events) {
      const { phase }: JobState = state ?? after(null, [event], at);
      if (state !== null && !REMARKS.includes(event.type)) {
        expect(leads(phase, event.type), `${event.type} in ${phase}`).toBe(true);
        taken.add(`${phase} ${event.type}`);
      }
      state = after(state, [event], at);
    }
    if (state) checkAttempts(attempts, state);
  };
  happen(decideSubmit(newJob, needsApproval ? ask : null, START), START);
  for (const wanted of steps) {
    const job = state as JobState | null;
    if (!job) throw new Error('It was submitted');
    happen(decide(job, wanted), START);
    const now = state as unknown as JobState;
    const { phase, deadline, endReason } = now;
    expect(isFinal(phase)).toBe(deadline === null);
    expect(isFinal(phase)).toBe(endReason !== null);
    if (isFinal(job.phase)) expect(state).toBe(job);
    const reminders = decideDeadline(jobOf(now), FAR);
    expect(reminders.length > 0).toBe(!isFinal(phase) && !now.deadlineMissed);
  }
}

test('exactly one attempt is active, numbers have no gap and no phase is without its deadline, whatever is heard when', () => {
  const taken = new Set<string>();
  fc.assert(
    fc.property(fc.boolean(), fc.array(step, { maxLength: 60, size: 'max' }), (needsApproval, steps) =>
      live(needsApproval, steps, taken),
    ),
    { numRuns: 400, seed: 42 },
  );
  const listed = phases.flatMap((phase) => Object.keys(TRANSITIONS[phase]).map((type) => `${phase} ${type}`));
  expect([...taken].sort()).toEqual(listed.sort());
}, 60_000);

test('an event leads where the table says, and nowhere where it says nothing', () => {
  const base = after(null, decideSubmit(newJob, null, START), START);
  const types = jobAggregate.types.filter((type) => type !== 'JobSubmitted');
  for (const phase of phases)
    for (const type of types) {
      const data = { attempt: 1, allocationIds: [], ask, deadline: START.toISOString() };
      const event = { type, data, occurredAt: START.toISOString() } as unknown as Parameters<
        typeof evolveJob
      >[1];
      expect(evolveJob({ ...base, phase }, event).phase, `${type} in ${phase}`).toBe(
        TRANSITIONS[phase][type] ?? phase,
      );
    }
});

test('every phase can be reached, and from every phase an end', () => {
  const next = (phase: JobPhase) => Object.values(TRANSITIONS[phase]);
  const from = (start: JobPhase) => {
    const seen = new Set<JobPhase>([start]);
    for (const phase of seen) for (const following of next(phase)) seen.add(following);
    return seen;
  };
  expect([...from('SUBMITTED')].sort()).toEqual(phases.toSorted());
  for (const phase of phases) expect([...from(phase)].some(isFinal)).toBe(true);
  expect(phases.filter(isFinal)).toEqual([
    'SUCCEEDED',
    'FAILED',
    'TIMED_OUT',
    'CANCELLED',
    'EXPIRED',
    'UNSATISFIABLE',
  ]);
});
