import { randomUUID } from 'node:crypto';
import { afterAll, expect, test } from 'vitest';
import type { JobEvent } from '../../../contracts/scheduling.events.js';
import type { Positioned } from '../../../platform/eventStore/event.js';
import { dataOf, refusalOf } from '../../../test/testkit/subgraphHarness.js';
import {
  A100,
  createTenant,
  H100,
  jobState,
  reaches,
  setQuota,
  startScheduling,
  submitJob,
  submitted,
  tellApproval,
} from '../scheduling.fixture.js';

const harness = await startScheduling();
afterAll(() => harness[Symbol.asyncDispose]());

/** Without money every job waits, so that what is said of it right after the command stays true. */
async function tenant(nominal: Record<string, number> = { [H100]: 8, [A100]: 16 }) {
  const own = await createTenant(harness, nominal);
  harness.billing.setBudget(own.projectId, '0');
  return own;
}

const streamOf = async (id: string) =>
  (await harness.app.spine.store.readStream(id)) as unknown as Positioned<JobEvent>[];

test('a job is accepted, waits in the default queue, and says what it was asked for', async () => {
  const { projectId, researcher, people, requestOf } = await tenant();
  const answer = await submitted(
    researcher,
    requestOf({
      gpu: { modelIn: [A100], count: 4 },
      maxRuntime: 'P1DT30M',
      labels: [{ key: 'team', value: 'red' }],
      annotations: [{ key: 'example.com/run', value: '7' }],
      env: [{ key: 'EPOCHS', value: '3' }],
      secretRefs: [{ env: 'TOKEN', secret: 'hub', key: 'token' }],
      priority: 75,
    }),
  );
  expect(answer).toMatchObject({
    eventId: expect.any(String),
    version: 2,
    approval: null,
    job: { id: expect.stringMatching(/^job_/), name: 'train', phase: 'QUEUED' },
  });
  const page = await researcher(
    `query ($id: ID!) { job(id: $id) {
      name image command gpu { modelIn count } maxRuntime priority env { key value } secretRefs { env secret key }
      labels { key value } annotations { key value } planHash endReason message observedAt
      project { id } queue { name } createdBy { id kind } } }`,
    { id: answer.job.id },
  );
  expect(dataOf(page)['job']).toMatchObject({
    name: 'train',
    image: 'docker.io/library/busybox:1.36',
    command: ['sh', '-c', 'true'],
    gpu: { modelIn: [A100], count: 4 },
    maxRuntime: 'P1DT30M',
    priority: 75,
    env: [{ key: 'EPOCHS', value: '3' }],
    secretRefs: [{ env: 'TOKEN', secret: 'hub', key: 'token' }],
    labels: [{ key: 'team', value: 'red' }],
    annotations: [{ key: 'example.com/run', value: '7' }],
    planHash: expect.stringMatching(/^[0-9a-f]{64}$/),
    endReason: null,
    message: null,
    observedAt: expect.any(String),
    project: { id: projectId },
    queue: { name: 'default' },
    createdBy: { id: people.researcher.id, kind: 'USER' },
  });
});

test('what is no job is refused with the place of each fault, and nothing is stored', async () => {
  const { researcher, requestOf } = await tenant();
  const before = await harness.database.prisma.job.count();
  const faults = async (more: object) => {
    const refusal = refusalOf(await submitJob(researcher, requestOf(more)));
    expect(refusal).toMatchObject({ code: 'BAD_USER_INPUT' });
    return ((refusal ?? {})['details'] as { faults: { path: string[] }[] }).faults.map(({ path }) =>
      path.join('.'),
    );
  };
  const twice = [
    { key: 'a', value: '1' },
    { key: 'a', value: '2' },
  ];
  expect(
    await faults({
      gpu: { modelIn: ['h900', H100, H100], count: 1 },
      maxRuntime: 'P1M',
      env: twice,
      labels: [{ key: 'fleetgraph.dev/job', value: 'mine' }],
      annotations: [{ key: '-', value: '' }],
    }),
  ).toEqual([
    'input.request.gpu.modelIn.0',
    'input.request.gpu.modelIn.2',
    'input.request.env.1.key',
    'input.request.annotations.0.key',
    'input.request.labels.0.key',
    'input.request.maxRuntime',
  ]);
  expect(await faults({ gpu: { modelIn: [], count: 0 }, name: '', image: 'a b', priority: 1001 })).toEqual(
    expect.arrayContaining([
      'input.request.name',
      'input.request.image',
      'input.request.gpu.modelIn',
      'input.request.gpu.count',
      'input.request.priority',
    ]),
  );
  for (const maxRuntime of ['PT0S', 'P366D', 'PT0.5S'])
    expect(await faults({ maxRuntime })).toEqual(['input.request.maxRuntime']);
  expect(await harness.database.prisma.job.count()).toBe(before);
});

test('who may not submit is told so, and who may not see the project that there is none', async () => {
  const { projectId, modelApprover, auditor, stranger, operator, requestOf, admin } = await tenant();
  for (const caller of [modelApprover, auditor, operator])
    expect(refusalOf(await submitJob(caller, requestOf()))).toMatchObject({
      code: 'FORBIDDEN',
      details: { permission: 'job:writeOwn' },
    });
  expect(refusalOf(await submitJob(stranger, requestOf()))).toMatchObject({
    code: 'NOT_FOUND',
    details: { kind: 'Project', id: projectId },
  });
  expect((await submitted(admin, requestOf())).job.id).toMatch(/^job_/);
  const plan = `query ($input: JobRequestInput!) { planJob(input: $input) { planHash } }`;
  expect(refusalOf(await stranger(plan, { input: requestOf() }))).toMatchObject({ code: 'NOT_FOUND' });
  expect(refusalOf(await modelApprover(plan, { input: requestOf() }))).toMatchObject({ code: 'FORBIDDEN' });
});

test('a queue of another project is missing', async () => {
  const [mine, theirs] = [await tenant(), await tenant()];
  const queueOf = async (projectId: string) =>
    (await harness.database.prisma.queue.findFirstOrThrow({ where: { projectId } })).id;
  const strange = await queueOf(theirs.projectId);
  expect(refusalOf(await submitJob(mine.researcher, mine.requestOf({ queueId: strange })))).toMatchObject({
    code: 'NOT_FOUND',
    details: { kind: 'Queue', id: strange },
  });
  const own = await queueOf(mine.projectId);
  expect((await submitted(mine.researcher, mine.requestOf({ queueId: own }))).job.phase).toBe('QUEUED');
});

const PLAN = `query ($input: JobRequestInput!) { planJob(input: $input) {
  planHash feasible offers { gpuModel { id } available pricePerHour { amount currency } }
  estimate { perHour { amount currency } total { amount currency } priceBookVersion }
  quotaEffect { gpuModel { id } nominal used requested } budgetEffect { limit { amount } }
  approvalsNeeded { rule } blockers { code rank need free unit action } } }`;

test('a plan tells what a job would get and cost, and its hash is that of the job submitted', async () => {
  const { projectId, researcher, requestOf } = await tenant();
  harness.billing.setBudget(projectId, '10');
  const request = requestOf({ gpu: { modelIn: [H100, A100], count: 2 }, maxRuntime: 'PT1H30M' });
  const { planJob: plan } = dataOf<{ planJob: { planHash: string } }>(
    await researcher(PLAN, { input: request }),
  );
  expect(plan).toMatchObject({
    feasible: true,
    offers: [
      { gpuModel: { id: H100 }, pricePerHour: { amount: '2.99', currency: 'USD' } },
      { gpuModel: { id: A100 }, pricePerHour: { amount: '1.79', currency: 'USD' } },
    ],
    estimate: {
      perHour: { amount: '5.98', currency: 'USD' },
      total: { amount: '8.97', currency: 'USD' },
      priceBookVersion: 'example-2026-11',
    },
    quotaEffect: [
      { gpuModel: { id: H100 }, nominal: 8, used: 0, requested: 2 },
      { gpuModel: { id: A100 }, nominal: 16, used: 0, requested: 2 },
    ],
    budgetEffect: { limit: { amount: '10' } },
    approvalsNeeded: [],
    blockers: [],
  });
  const { job } = await submitted(researcher, request, { planHash: plan.planHash });
  expect((await jobState(harness, job.id)).planHash).toBe(plan.planHash);

  await setQuota(harness, projectId, H100, 9);
  const stale = refusalOf(await submitJob(researcher, request, { planHash: plan.planHash }));
  expect(stale).toMatchObject({ code: 'PLAN_STALE', details: { plan: { feasible: expect.any(Boolean) } } });
  const { planHash } = (stale ?? {})['details'] as { planHash: string };
  expect(planHash).not.toBe(plan.planHash);
  expect((await submitted(researcher, request, { planHash })).job.id).toMatch(/^job_/);
});

test('a job that can never run is refused, with what would be possible', async () => {
  const { researcher, requestOf } = await tenant({ [H100]: 12, [A100]: 16 });
  const refusal = async (modelIn: string[], count: number) =>
    refusalOf(await submitJob(researcher, requestOf({ gpu: { modelIn, count } })));
  expect(await refusal([H100], 14)).toMatchObject({
    code: 'UNSATISFIABLE',
    details: { need: 14, possible: [{ gpuModelId: H100, nominal: 12, possible: 12 }] },
  });
  expect(await refusal([A100], 12)).toMatchObject({
    code: 'UNSATISFIABLE',
    details: { need: 12, possible: [{ gpuModelId: A100, nominal: 16, devices: 8, possible: 8 }] },
  });
  expect(await refusal(['l40s-48gb'], 1)).toMatchObject({
    code: 'UNSATISFIABLE',
    details: { possible: [{ nominal: 0, devices: 0, possible: 0 }] },
  });
  // One of several is enough: it waits for that.
  expect(
    (await submitted(researcher, requestOf({ gpu: { modelIn: ['l40s-48gb', H100], count: 2 } }))).job.phase,
  ).toBe('QUEUED');
});

test('a repeat gets the first answer, another request with the key is refused, and a dry run stores nothing', async () => {
  const { researcher, requestOf, projectId } = await tenant();
  const idempotencyKey = randomUUID();
  const dry = await submitted(researcher, requestOf(), { idempotencyKey, dryRun: true });
  expect(dry).toMatchObject({ eventId: null, version: null, job: { phase: 'QUEUED', version: 2 } });
  expect(await harness.database.prisma.job.count({ where: { projectId } })).toBe(0);
  const answers = await Promise.all(
    Array.from({ length: 5 }, () => submitted(researcher, requestOf(), { idempotencyKey })),
  );
  expect(new Set(answers.map(({ eventId, version, job }) => `${eventId} ${version} ${job.id}`)).size).toBe(1);
  expect(await harness.database.prisma.job.count({ where: { projectId } })).toBe(1);
  expect(
    refusalOf(await submitJob(researcher, requestOf({ name: 'other' }), { idempotencyKey })),
  ).toMatchObject({ code: 'IDEMPOTENCY_KEY_REUSED' });
});

async function askForApproval() {
  const own = await tenant();
  const answer = await submitted(own.researcher, own.requestOf({ gpu: { modelIn: [H100], count: 6 } }));
  const { id } = answer.job;
  const { planHash } = await jobState(harness, id);
  const outcome = { approvalId: answer.approval?.id ?? '', target: { type: 'Job', id } as const, planHash };
  return { ...own, answer, id, outcome };
}

test('a job over the policy waits for an approval that its answer names, with its evidence', async () => {
  const { answer, id, outcome } = await askForApproval();
  expect(answer).toMatchObject({
    approval: { id: expect.stringMatching(/^approval_/), status: 'PENDING' },
    job: { phase: 'AWAITING_APPROVAL' },
  });
  const asked = (await streamOf(id)).find((event) => event.type === 'JobApprovalAsked');
  expect(asked?.data).toMatchObject({
    ask: {
      approvalId: outcome.approvalId,
      action: 'SUBMIT_JOB',
      target: { type: 'Job', id, name: 'train' },
      planHash: outcome.planHash,
      policyVersion: 'shipped-1',
      rules: [{ rule: 'gpus-above-4', reason: 'More than 4 GPUs in one request.' }],
      estimate: {
        perHour: '17.94',
        total: '17.94',
        currency: 'USD',
        priceBookVersion: 'example-2026-11',
      },
      quota: [{ gpuModelId: H100, nominal: 8, used: 0, requested: 6 }],
    },
  });
  expect(harness.billing.holds.has(id)).toBe(false);
});

test('an approved job goes on once, and one whose plan has changed does not', async () => {
  const approved = await askForApproval();
  await tellApproval(harness, 'ApprovalApproved', approved.outcome);
  await tellApproval(harness, 'ApprovalRejected', approved.outcome);
  const changed = await askForApproval();
  await setQuota(harness, changed.projectId, H100, 7);
  await tellApproval(harness, 'ApprovalApproved', changed.outcome);
  const state = await reaches(harness, changed.id, 'FAILED');
  expect(state).toMatchObject({ endReason: 'APPROVAL_SUPERSEDED', attempts: [] });
  const queued = (await streamOf(approved.id)).filter((event) => event.type === 'JobQueued');
  expect(queued).toMatchObject([{ data: { attempt: 1, cause: 'APPROVED' } }]);
  expect((await jobState(harness, approved.id)).endReason).toBeNull();
});

test.each([
  ['ApprovalRejected', 'FAILED', 'APPROVAL_REJECTED'],
  ['ApprovalExpired', 'FAILED', 'APPROVAL_EXPIRED'],
  ['ApprovalSuperseded', 'FAILED', 'APPROVAL_SUPERSEDED'],
  ['ApprovalWithdrawn', 'CANCELLED', 'APPROVAL_WITHDRAWN'],
] as const)('%s ends a job that waits for it as %s', async (type, phase, endReason) => {
  const { id, outcome } = await askForApproval();
  await tellApproval(harness, type, outcome);
  expect(await reaches(harness, id, phase)).toMatchObject({ endReason });
});
