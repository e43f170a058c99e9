import { afterAll, expect, test } from 'vitest';
import { dataOf, refusalOf } from '../../../test/testkit/subgraphHarness.js';
import { until } from '../../../test/testkit/until.js';
import {
  cancelJob,
  createTenant,
  H100,
  jobState,
  reaches,
  type SchedulingHarness,
  startScheduling,
  storeJobs,
  submitted,
  tellWorkload,
} from '../scheduling.fixture.js';
import { admitted, cleared, ended, refused, runs } from './job.fixture.js';
import { jobAggregate } from './job.projection.js';
import { DEADLINE_TIMER } from './job.save.js';

const harness = await startScheduling();
afterAll(() => harness[Symbol.asyncDispose]());

const tenant = () => createTenant(harness, { [H100]: 8 });

/** A job that the pass has reserved. */
async function reserved() {
  const own = await tenant();
  const { id } = (await submitted(own.researcher, own.requestOf())).job;
  await reaches(harness, id, 'RESERVED');
  return { ...own, id };
}

async function running() {
  const own = await reserved();
  await tellWorkload(harness, own.id, 1, admitted(1));
  await tellWorkload(harness, own.id, 1, runs(new Date()));
  await reaches(harness, own.id, 'RUNNING');
  return own;
}

const PAGE = `query ($id: ID!, $asOf: DateTime) { job(id: $id, asOf: $asOf) {
  phase version endReason message queuePosition blockers { code } eta { p50 }
  attempts { number gpuModel { id } startedAt endedAt reason exitCode message payer allocations { id } }
  availableActions { action allowed reason resultingState } } }`;

type Page = { phase: string; attempts: object[]; availableActions: object[] };
const pageOf = async (caller: Awaited<ReturnType<typeof tenant>>['researcher'], id: string, asOf?: string) =>
  dataOf<{ job: Page | null }>(await caller(PAGE, { id, asOf })).job;

test('a job goes from its queue through its attempt to its end, and is told with all that belongs to it', async () => {
  const { id, researcher } = await reserved();
  expect(harness.billing.holds.get(id)).toMatchObject({ amount: '2.99' });
  await tellWorkload(harness, id, 1, admitted(1));
  await reaches(harness, id, 'STARTING');
  await tellWorkload(harness, id, 1, runs(new Date()));
  await reaches(harness, id, 'RUNNING');
  const whileItRan = new Date().toISOString();
  expect(await pageOf(researcher, id)).toMatchObject({
    phase: 'RUNNING',
    queuePosition: null,
    blockers: [],
    eta: null,
    attempts: [
      {
        number: 1,
        gpuModel: { id: H100 },
        startedAt: expect.any(String),
        endedAt: null,
        reason: null,
        payer: null,
        allocations: [{ id: 'allocation_1a' }, { id: 'allocation_1b' }],
      },
    ],
    availableActions: [{ action: 'cancelJob', allowed: true, reason: null, resultingState: 'COMPLETING' }],
  });
  await tellWorkload(
    harness,
    id,
    1,
    ended('EXIT_CODE', { exitCode: 3, message: 'Its program ended with 3.' }),
  );
  await tellWorkload(harness, id, 1, cleared);
  await reaches(harness, id, 'FAILED');
  expect(await pageOf(researcher, id)).toMatchObject({
    phase: 'FAILED',
    endReason: 'EXIT_CODE',
    message: 'Its program ended with 3.',
    attempts: [{ reason: 'EXIT_CODE', exitCode: 3, payer: 'PROJECT', endedAt: expect.any(String) }],
    availableActions: [
      { action: 'cancelJob', allowed: false, reason: 'It is FAILED.', resultingState: null },
    ],
  });
  expect(await pageOf(researcher, id, whileItRan)).toMatchObject({ phase: 'RUNNING', endReason: null });
});

test('a refused job gives its money back and waits for another attempt', async () => {
  const { id } = await reserved();
  await tellWorkload(harness, id, 1, refused(1, 'CAPACITY_EXHAUSTED'));
  const state = await reaches(harness, id, 'QUEUED');
  expect(state).toMatchObject({
    attempt: 2,
    notBefore: expect.any(String),
    attempts: [{ number: 1, reason: 'CAPACITY_LOST', allocationIds: [] }],
  });
  expect(harness.billing.holds.has(id)).toBe(false);
});

test('a job that lost its node runs again, with money of its own', async () => {
  const { id } = await running();
  const first = harness.billing.holds.get(id);
  await tellWorkload(harness, id, 1, ended('NODE_LOST'));
  await tellWorkload(harness, id, 1, cleared);
  await until('it is reserved again', async () => (await jobState(harness, id)).attempts.length === 2);
  expect(await jobState(harness, id)).toMatchObject({
    phase: 'RESERVED',
    attempt: 2,
    attempts: [
      { number: 1, reason: 'NODE_LOST' },
      { number: 2, endedAt: null },
    ],
  });
  expect(harness.billing.holds.get(id)?.id).not.toBe(first?.id);
}, 60_000);

test('late and repeated news of an attempt changes nothing', async () => {
  const { id } = await running();
  await tellWorkload(harness, id, 1, ended('COMPLETED', { exitCode: 0 }));
  await tellWorkload(harness, id, 1, cleared);
  const { attempts } = await reaches(harness, id, 'SUCCEEDED');
  const { version } = await harness.app.spine.store.load(jobAggregate, id);
  for (const event of [ended('NODE_LOST'), cleared, runs(), admitted(1)])
    await tellWorkload(harness, id, 1, event);
  // What is told of another job after them is heard after them.
  const next = await running();
  expect((await jobState(harness, next.id)).phase).toBe('RUNNING');
  expect(await harness.app.spine.store.load(jobAggregate, id)).toMatchObject({
    version,
    state: { phase: 'SUCCEEDED', attempts },
  });
});

test('a job is cancelled by its owner or an administrator, and by nobody else', async () => {
  const { id, people, ...callers } = await running();
  expect(refusalOf(await cancelJob(callers.colleague, id))).toMatchObject({
    code: 'FORBIDDEN',
    details: { permission: 'job:write' },
  });
  expect(refusalOf(await cancelJob(callers.modelApprover, id))).toMatchObject({ code: 'FORBIDDEN' });
  for (const caller of [callers.stranger, callers.auditor, callers.operator])
    expect(refusalOf(await cancelJob(caller, id))).toMatchObject({
      code: 'NOT_FOUND',
      details: { kind: 'Job', id },
    });
  const { version } = await harness.app.spine.store.load(jobAggregate, id);
  expect(refusalOf(await cancelJob(callers.admin, id, { expectedVersion: version - 1 }))).toMatchObject({
    code: 'CONFLICT',
    details: { id, version },
  });
  const dry = dataOf(await cancelJob(callers.admin, id, { dryRun: true }));
  expect(dry['cancelJob']).toMatchObject({ eventId: null, job: { phase: 'COMPLETING' } });
  const cancelled = dataOf(await cancelJob(callers.researcher, id, { expectedVersion: version }));
  expect(cancelled['cancelJob']).toMatchObject({ job: { id, phase: 'COMPLETING', endReason: null } });
  expect(refusalOf(await cancelJob(callers.admin, id))).toMatchObject({
    code: 'ILLEGAL_TRANSITION',
    details: { state: 'COMPLETING', allowed: [] },
  });
  const requested = (await harness.app.spine.store.readStream(id)).at(-1);
  expect(requested).toMatchObject({
    type: 'JobCancelRequested',
    data: { attempt: 1, reason: 'CANCELLED' },
    actor: { id: people.researcher.id },
  });
  await tellWorkload(harness, id, 1, ended('CANCELLED'));
  await tellWorkload(harness, id, 1, cleared);
  expect(await reaches(harness, id, 'CANCELLED')).toMatchObject({ endReason: 'CANCELLED' });
});

test('a waiting job that is cancelled has ended at once', async () => {
  const own = await createTenant(harness, {});
  const [id = ''] = await storeJobs(harness, own.projectId, 1);
  expect(dataOf(await cancelJob(own.admin, id))['cancelJob']).toMatchObject({
    job: { phase: 'CANCELLED', endReason: 'CANCELLED' },
  });
});

/** Moves the present deadline of a job into the past, as if it had been set long ago. */
async function passDeadline({ app, database }: SchedulingHarness, id: string): Promise<void> {
  const long = new Date(Date.now() - 3_600_000);
  const { version } = await app.spine.store.load(jobAggregate, id);
  await database.prisma.$transaction(async (tx) => {
    // Only an administrator of the database can: the runtime role may not change events.
    await tx.$executeRaw`SET LOCAL ROLE NONE`;
    await tx.$executeRaw`
      UPDATE eventlog.event SET data = jsonb_set(data, '{deadline}', to_jsonb(${long.toISOString()}::text))
      WHERE context = 'scheduling' AND stream_id = ${id} AND version = ${version}`;
  });
  await database.prisma.timer.updateMany({ where: { name: DEADLINE_TIMER, key: id }, data: { dueAt: long } });
}

test('a job that the cluster does not end in time is ended by Fleetgraph', async () => {
  const { id } = await running();
  await passDeadline(harness, id);
  await reaches(harness, id, 'COMPLETING');
  expect((await harness.app.spine.store.readStream(id)).slice(-2)).toMatchObject([
    { type: 'JobDeadlineMissed', data: { phase: 'RUNNING' } },
    { type: 'JobCancelRequested', data: { attempt: 1, reason: 'TIME_LIMIT' } },
  ]);
  await tellWorkload(harness, id, 1, ended('CANCELLED'));
  await tellWorkload(harness, id, 1, cleared);
  expect(await reaches(harness, id, 'TIMED_OUT')).toMatchObject({ endReason: 'TIME_LIMIT' });
  expect(await harness.database.prisma.timer.count({ where: { key: id } })).toBe(0);
});

test('a job that has waited longer than it may has expired', async () => {
  const own = await createTenant(harness, {});
  const [id = ''] = await storeJobs(harness, own.projectId, 1);
  await passDeadline(harness, id);
  expect(await reaches(harness, id, 'EXPIRED')).toMatchObject({ endReason: 'QUEUE_EXPIRED', deadline: null });
});
