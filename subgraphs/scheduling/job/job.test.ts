import { expect, test } from 'vitest';
import { ATTEMPT_END_REASONS, type AttemptEndReason } from '../../../contracts/endReasons.js';
import type { WorkloadEvent } from '../../../contracts/resources.events.js';
import { PublicError } from '../../../platform/errors.js';
import {
  type ApprovalVerdict,
  decideApproval,
  decideCancel,
  decideDeadline,
  decideReserve,
  decideSubmit,
} from './job.decide.js';
import { admitted, after, ask, cleared, ended, jobOf, newJob, refused, runs, START } from './job.fixture.js';
import type { JobState } from './job.js';
import { isRetried } from './job.retries.js';
import { decideWorkload } from './job.workload.js';

const later = (ms: number) => new Date(START.getTime() + ms);
const MINUTE = 60_000;
const DAY = 86_400_000;

const queued = (): JobState => after(null, decideSubmit(newJob, null, START), START);
const awaiting = (): JobState => after(null, decideSubmit(newJob, ask, START), START);

const reserve = (state: JobState, now = START): JobState =>
  after(
    state,
    decideReserve(
      jobOf(state),
      { attempt: state.attempt, gpuModelId: 'h100-sxm5-80gb', holdId: 'hold_1' },
      now,
    ),
    now,
  );

/** The job after what was told of its newest attempt. */
const hear = (state: JobState, ...told: WorkloadEvent[]): JobState =>
  told.reduce((job, event) => {
    const events = decideWorkload(job, job.attempts.at(-1)?.number ?? 0, event, START);
    return events.length === 0 ? job : after(job, events, START);
  }, state);

const starting = () => hear(reserve(queued()), admitted(1));
const running = () => hear(starting(), runs());
const cancel = (state: JobState) => after(state, decideCancel(jobOf(state), START), START);

test('a job that needs no approval waits for devices at once, for a week at most', () => {
  expect(queued()).toMatchObject({
    phase: 'QUEUED',
    attempt: 1,
    attempts: [],
    queuedAt: START.toISOString(),
    deadline: later(7 * DAY).toISOString(),
  });
});

test('a job that needs an approval waits for that, and names it', () => {
  expect(awaiting()).toMatchObject({ phase: 'AWAITING_APPROVAL', approvalId: 'approval_1', attempt: 0 });
});

test.each<[ApprovalVerdict, object]>([
  ['APPROVED', { phase: 'QUEUED', attempt: 1, endReason: null }],
  ['REJECTED', { phase: 'FAILED', endReason: 'APPROVAL_REJECTED' }],
  ['EXPIRED', { phase: 'FAILED', endReason: 'APPROVAL_EXPIRED' }],
  ['SUPERSEDED', { phase: 'FAILED', endReason: 'APPROVAL_SUPERSEDED' }],
  ['WITHDRAWN', { phase: 'CANCELLED', endReason: 'APPROVAL_WITHDRAWN' }],
  ['UNSATISFIABLE', { phase: 'UNSATISFIABLE', endReason: 'UNSATISFIABLE' }],
])('an approval that is %s leads a waiting job on or ends it, once', (verdict, expected) => {
  const events = decideApproval(jobOf(awaiting()), { approvalId: 'approval_1', verdict }, START);
  const decided = after(awaiting(), events, START);
  expect(decided).toMatchObject(expected);
  expect(decideApproval(jobOf(decided), { approvalId: 'approval_1', verdict }, START)).toEqual([]);
});

test('an approval of something else changes nothing', () => {
  const other = { approvalId: 'approval_2', verdict: 'APPROVED' } as const;
  expect(decideApproval(jobOf(awaiting()), other, START)).toEqual([]);
});

test('a job goes from the queue to its end through one attempt', () => {
  const job = hear(running(), ended('COMPLETED', { exitCode: 0 }), cleared);
  expect(job).toMatchObject({ phase: 'SUCCEEDED', endReason: 'COMPLETED', deadline: null });
  expect(job.attempts).toMatchObject([
    {
      number: 1,
      allocationIds: ['allocation_1a', 'allocation_1b'],
      startedAt: START.toISOString(),
      endedAt: START.toISOString(),
      reason: 'COMPLETED',
      exitCode: 0,
    },
  ]);
});

test('its devices are its own until they are given back: only then is it over', () => {
  expect(hear(running(), ended('EXIT_CODE', { exitCode: 3 }))).toMatchObject({
    phase: 'COMPLETING',
    endReason: null,
  });
});

const reasons = Object.keys(ATTEMPT_END_REASONS) as AttemptEndReason[];

test.each(reasons.filter((reason) => !isRetried(reason)))(
  'an attempt that ended with %s is final',
  (reason) => {
    const job = hear(running(), ended(reason), cleared);
    expect(job).toMatchObject({ phase: ATTEMPT_END_REASONS[reason].outcome, endReason: reason });
  },
);

test.each(reasons.filter(isRetried))('a job that lost an attempt with %s is tried again, later', (reason) => {
  expect(hear(running(), ended(reason), cleared)).toMatchObject({
    phase: 'QUEUED',
    attempt: 2,
    endReason: null,
    notBefore: later(5_000).toISOString(),
  });
});

test('a job is tried three times, each time after twice as long, and then has failed', () => {
  const lose = (job: JobState) => hear(job, ended('NODE_LOST', { message: 'The node is gone.' }), cleared);
  const run = (job: JobState) => hear(reserve(job, later(DAY)), admitted(job.attempt), runs());
  const second = lose(run(queued()));
  const third = lose(run(second));
  expect([second.notBefore, third.notBefore]).toEqual(
    [later(5_000), later(10_000)].map((at) => at.toISOString()),
  );
  expect(lose(run(third))).toMatchObject({
    phase: 'FAILED',
    endReason: 'RETRIES_EXHAUSTED',
    message: 'The node is gone.',
    attempt: 3,
  });
});

test.each(['QUOTA_EXCEEDED', 'BUDGET_EXCEEDED', 'CAPACITY_EXHAUSTED'])(
  'a job that was refused with %s waits again, however often',
  (code) => {
    let job = queued();
    for (let attempt = 1; attempt <= 5; attempt++)
      job = hear(reserve(job, later(DAY)), refused(attempt, code));
    expect(job).toMatchObject({ phase: 'QUEUED', attempt: 6, endReason: null });
    expect(job.attempts.map(({ reason }) => reason)).toEqual(Array(5).fill('CAPACITY_LOST'));
  },
);

test('a job that resources can never hold, or that they do not take, has ended', () => {
  expect(hear(reserve(queued()), refused(1, 'UNSATISFIABLE'))).toMatchObject({ phase: 'UNSATISFIABLE' });
  expect(hear(reserve(queued()), refused(1, 'NOT_FOUND'))).toMatchObject({
    phase: 'FAILED',
    endReason: 'POD_REJECTED',
  });
});

test('a job is reserved for the attempt that it waits for, not before it may be, and once', () => {
  const wanted = { attempt: 1, gpuModelId: 'h100-sxm5-80gb', holdId: null };
  expect(decideReserve(jobOf(queued()), { ...wanted, attempt: 2 }, START)).toEqual([]);
  expect(decideReserve(jobOf(reserve(queued())), wanted, START)).toEqual([]);
  const again = hear(running(), ended('EVICTED'), cleared);
  expect(decideReserve(jobOf(again), { ...wanted, attempt: 2 }, later(4_999))).toEqual([]);
  expect(decideReserve(jobOf(again), { ...wanted, attempt: 2 }, later(5_000))).toHaveLength(1);
});

test('who cancels a waiting job ends it at once', () => {
  for (const job of [queued(), awaiting()])
    expect(cancel(job)).toMatchObject({ phase: 'CANCELLED', endReason: 'CANCELLED' });
});

test.each<[string, () => JobState, WorkloadEvent[]]>([
  ['asks for devices that it then gets', () => reserve(queued()), [admitted(1), ended('CANCELLED'), cleared]],
  ['asks for devices that it does not get', () => reserve(queued()), [refused(1, 'QUOTA_EXCEEDED')]],
  ['starts', starting, [runs(), ended('CANCELLED'), cleared]],
  ['runs', running, [ended('EXIT_CODE', { exitCode: 143 }), cleared]],
  ['runs, and whose pods go without a word', running, [cleared]],
])('a cancelled job that %s ends as cancelled once its devices are back', (_title, from, told) => {
  const cancelled = cancel(from());
  expect(cancelled).toMatchObject({ phase: 'COMPLETING', ending: 'CANCELLED' });
  const job = hear(cancelled, ...told);
  expect(job).toMatchObject({ phase: 'CANCELLED', endReason: 'CANCELLED' });
  expect(job.attempts).toMatchObject([{ number: 1, reason: 'CANCELLED', endedAt: expect.any(String) }]);
});

test('a job that had done its work before it heard that it was cancelled has succeeded', () => {
  expect(hear(cancel(running()), ended('COMPLETED', { exitCode: 0 }), cleared)).toMatchObject({
    phase: 'SUCCEEDED',
  });
});

test('a job that would be tried again is not once somebody has cancelled it', () => {
  const lost = hear(running(), ended('NODE_LOST'));
  expect(hear(cancel(lost), cleared)).toMatchObject({ phase: 'CANCELLED', endReason: 'CANCELLED' });
});

test('what is over, or about to be for good, cannot be cancelled', () => {
  const over = [
    hear(running(), ended('EXIT_CODE')),
    hear(running(), ended('COMPLETED'), cleared),
    cancel(running()),
    cancel(queued()),
  ];
  for (const job of over) {
    let refusal: unknown;
    try {
      decideCancel(jobOf(job), START);
    } catch (error) {
      refusal = error;
    }
    expect(refusal).toBeInstanceOf(PublicError);
    expect((refusal as PublicError).extensions).toMatchObject({
      code: 'ILLEGAL_TRANSITION',
      details: { state: job.phase, allowed: [] },
    });
  }
});

test('a job whose pods vanish is tried again', () => {
  expect(hear(running(), cleared)).toMatchObject({
    phase: 'QUEUED',
    attempts: [{ reason: 'PODS_DELETED' }],
  });
});

const missed = (state: JobState, at: Date) => after(state, decideDeadline(jobOf(state), at), at);

test.each<[string, () => JobState, number, object]>([
  [
    'waited for approval',
    awaiting,
    7 * DAY + 60 * MINUTE,
    { phase: 'FAILED', endReason: 'APPROVAL_EXPIRED' },
  ],
  ['waited in its queue', queued, 7 * DAY, { phase: 'EXPIRED', endReason: 'QUEUE_EXPIRED' }],
  [
    'asked for devices',
    () => reserve(queued()),
    5 * MINUTE,
    { phase: 'COMPLETING', ending: 'START_TIMEOUT' },
  ],
  ['started', starting, 30 * MINUTE, { phase: 'COMPLETING', ending: 'START_TIMEOUT' }],
  ['ran', running, 60 * MINUTE, { phase: 'COMPLETING', ending: 'TIME_LIMIT' }],
  [
    'gave its devices back',
    () => hear(running(), ended('COMPLETED')),
    10 * MINUTE,
    { phase: 'COMPLETING', deadlineMissed: true, ending: null },
  ],
])('a job that %s too long is not left to itself', (_title, from, ms, expected) => {
  expect(decideDeadline(jobOf(from()), later(ms - 1))).toEqual([]);
  const job = missed(from(), later(ms));
  expect(job).toMatchObject(expected);
  expect(decideDeadline(jobOf(job), later(ms))).toEqual([]);
});

test('a job that ran as long as it may has timed out, whoever ended it', () => {
  const byCluster = hear(running(), ended('TIME_LIMIT'), cleared);
  const byUs = hear(missed(running(), later(60 * MINUTE)), ended('CANCELLED'), cleared);
  for (const job of [byCluster, byUs])
    expect(job).toMatchObject({ phase: 'TIMED_OUT', endReason: 'TIME_LIMIT' });
});

test('a job that did not start in time is tried again', () => {
  const late = missed(starting(), later(30 * MINUTE));
  expect(hear(late, ended('CANCELLED'), cleared)).toMatchObject({
    phase: 'QUEUED',
    attempt: 2,
    ending: null,
    attempts: [{ reason: 'START_TIMEOUT' }],
  });
});
