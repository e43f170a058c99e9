import { expect, test } from 'vitest';
import { dataOf, refusalOf } from '../../../test/testkit/subgraphHarness.js';
import { until } from '../../../test/testkit/until.js';
import {
  A100,
  H100,
  L40S,
  people,
  requested,
  requestOf,
  setPrices,
  setQuota,
  startResources,
} from '../resources.fixture.js';
import { workloadId } from './workload.js';
import {
  askDeployment,
  deploymentAsk,
  eventsOf,
  jobSpec,
  newJob,
  openDevicesOf,
  reaches,
  reservation,
  reserve,
  settle,
  stateOf,
  tellDeployment,
  tellJob,
  typesOf,
} from './workload.fixture.js';

const DEADLINE = '2099-01-01T00:00:00.000Z';
const gpu = (count: number, model = H100) => ({ modelIn: [model], count });
const cancel = {
  type: 'JobCancelRequested',
  data: { attempt: 1, reason: 'CANCELLED', deadline: DEADLINE },
} as const;

test('a reserved job gets devices of one node, and those of a larger one equal shares of several', async () => {
  await using harness = await startResources();
  const small = await reserve(harness, { spec: jobSpec({ gpu: gpu(8) }) });
  expect(await stateOf(harness, small)).toMatchObject({
    phase: 'ADMITTED',
    body: { name: 'train', holdId: 'hold_of_scheduling', shares: [{ pods: 1, gpusPerPod: 8 }] },
  });
  expect(new Set((await openDevicesOf(harness, small)).map((id) => id.split('/')[1])).size).toBe(1);

  await setQuota(harness, 'vision', A100, 16);
  const large = await reserve(harness, { spec: jobSpec({ gpu: gpu(16, A100) }), gpuModelId: A100 });
  expect((await stateOf(harness, large))?.body?.shares).toEqual([
    { nodeId: 'eu-1/a100-1', pods: 1, gpusPerPod: 8 },
    { nodeId: 'eu-1/a100-2', pods: 1, gpusPerPod: 8 },
  ]);
  const [admitted] = await eventsOf(harness, workloadId({ id: large }, 1));
  const opened = await harness.database.prisma.allocation.findMany({ where: { ownerId: large } });
  if (admitted?.type !== 'WorkloadAdmitted') throw new Error(`It was not admitted but ${admitted?.type}`);
  expect(admitted.data.allocationIds.toSorted()).toEqual(opened.map(({ id }) => id).toSorted());
  expect(new Set(opened.map(({ ownerKind }) => ownerKind))).toEqual(new Set(['JOB']));
});

test('a job without quota or devices is refused with what a caller would have got, and gets nothing', async () => {
  await using harness = await startResources();
  const none = await reserve(harness, { spec: jobSpec({ gpu: gpu(2, L40S) }), gpuModelId: L40S });
  expect(await eventsOf(harness, workloadId({ id: none }, 1))).toMatchObject([
    {
      type: 'WorkloadRefused',
      data: {
        owner: { kind: 'JOB', id: none },
        attempt: 1,
        code: 'QUOTA_EXCEEDED',
        details: { gpuModelId: L40S, need: 2, free: 0, nominal: 0, projectId: 'vision' },
      },
    },
  ]);
  await setQuota(harness, 'vision', H100, 40);
  await reserve(harness, { spec: jobSpec({ gpu: gpu(8) }) });
  await reserve(harness, { spec: jobSpec({ gpu: gpu(1) }) });
  const gang = await reserve(harness, { spec: jobSpec({ gpu: gpu(8) }) });
  expect((await stateOf(harness, gang))?.refusal).toMatchObject({ code: 'CAPACITY_EXHAUSTED' });
  const unknown = await reserve(harness, { projectId: 'nowhere' });
  expect((await stateOf(harness, unknown))?.refusal).toMatchObject({ code: 'NOT_FOUND' });
  for (const job of [none, gang, unknown]) expect(await openDevicesOf(harness, job)).toEqual([]);
});

test('an attempt that was refused may be admitted when it is reserved again', async () => {
  await using harness = await startResources();
  await setQuota(harness, 'vision', H100, 1);
  const job = await reserve(harness);
  expect((await stateOf(harness, job))?.phase).toBe('REFUSED');
  await setQuota(harness, 'vision', H100, 2);
  await settle(harness);
  await reserve(harness, {}, job);
  await reaches(harness, job, 'ADMITTED');
  expect(await openDevicesOf(harness, job)).toHaveLength(2);
});

test('a job that is cancelled ends, and its devices are free once nothing of it is seen', async () => {
  await using harness = await startResources();
  const job = await reserve(harness);
  const id = workloadId({ id: job }, 1);
  await harness.app.observeWorkload(id, [{ type: 'created', uid: 'uid' }, { type: 'running' }]);
  await tellJob(harness, job, cancel);
  await reaches(harness, job, 'ENDING');
  expect(await openDevicesOf(harness, job)).toHaveLength(2);
  expect(await harness.app.desired.workloads()).toMatchObject([{ id, presence: 'GONE' }]);
  await harness.app.observeWorkload(id, [{ type: 'gone' }]);
  expect(await openDevicesOf(harness, job)).toEqual([]);
  expect(await typesOf(harness, id)).toEqual([
    'WorkloadAdmitted',
    'WorkloadCreated',
    'WorkloadRunning',
    'WorkloadEndRequested',
    'WorkloadEnded',
    'WorkloadCleared',
  ]);
  expect((await stateOf(harness, job))?.end).toMatchObject({ reason: 'CANCELLED', exitCode: null });
  expect(await harness.app.desired.workloads()).toEqual([]);
  expect(await harness.app.desired.cleared([id, 'workload_of_another_1'])).toEqual(new Set([id]));
  expect(await harness.database.prisma.timer.count()).toBe(0);
});

test('a job that was cancelled or queued again before it was admitted keeps nothing', async () => {
  await using harness = await startResources();
  const cancelled = newJob();
  const data = { attempt: 1, cause: 'RETRY', notBefore: null, deadline: DEADLINE } as const;
  await reserve(harness, {}, cancelled);
  await tellJob(harness, cancelled, {
    type: 'JobCancelled',
    data: { endReason: 'CANCELLED', message: null },
  });
  const queued = await reserve(harness);
  await tellJob(harness, queued, { type: 'JobQueued', data });
  for (const job of [cancelled, queued]) {
    await reaches(harness, job, 'ENDING');
    await harness.app.observeWorkload(workloadId({ id: job }, 1), [{ type: 'gone' }]);
    expect(await openDevicesOf(harness, job)).toEqual([]);
  }
});

test('the devices of a later attempt are not given back with those of an earlier one', async () => {
  await using harness = await startResources();
  const job = await reserve(harness);
  await reserve(harness, { attempt: 2 }, job);
  await harness.app.observeWorkload(workloadId({ id: job }, 1), [
    { type: 'ended', reason: 'EVICTED', exitCode: null, message: null },
    { type: 'gone' },
  ]);
  expect((await stateOf(harness, job, 1))?.phase).toBe('CLEARED');
  expect(await openDevicesOf(harness, job)).toHaveLength(2);
});

test('a deployment gets devices for each replica on one node, and the money for them is held', async () => {
  await using harness = await startResources();
  const id = await askDeployment(harness);
  expect(await stateOf(harness, id)).toMatchObject({
    phase: 'ADMITTED',
    owner: { kind: 'DEPLOYMENT', id },
    body: { shares: [{ pods: 2, gpusPerPod: 1 }], job: null },
  });
  expect(harness.billing.holds.get(id)).toMatchObject({ projectId: 'vision', amount: '5.98' });
  await tellDeployment(harness, id, {
    type: 'DeploymentDeletionRequested',
    data: { deadline: DEADLINE },
  });
  await reaches(harness, id, 'ENDING');
  await harness.app.observeWorkload(workloadId({ id }, 1), [{ type: 'gone' }]);
  expect(await openDevicesOf(harness, id)).toEqual([]);
});

test.each([
  { code: 'PLAN_STALE', more: { planHash: 'another plan' } },
  { code: 'QUOTA_EXCEEDED', more: { spec: { ...deploymentAsk().spec, gpu: gpu(1, L40S) }, planHash: 'any' } },
  { code: 'BUDGET_EXCEEDED', more: {}, budget: '5' },
  { code: 'UNSATISFIABLE', more: { spec: { ...deploymentAsk().spec, gpu: gpu(9) } } },
])('a deployment is refused with $code, and nothing is held or given', async ({ code, more, budget }) => {
  await using harness = await startResources();
  await setQuota(harness, 'vision', H100, 40);
  await settle(harness);
  const asked = deploymentAsk(more);
  const { projectId, spec, request } = asked;
  const { gpu: need, replicas } = spec;
  const input = {
    projectId,
    gpu: need,
    replicas,
    request,
    planHash: code === 'PLAN_STALE' ? 'another' : null,
  };
  if (budget) harness.billing.setBudget('vision', budget);
  await expect(harness.app.calls.planDeployment(input)).rejects.toMatchObject({ extensions: { code } });
  const id = `deployment_${code}`;
  if (code === 'PLAN_STALE') {
    await askDeployment(harness, more, id);
    expect((await stateOf(harness, id))?.refusal?.code).toBe(code);
  }
  expect(harness.billing.holds.size).toBe(0);
  expect(await openDevicesOf(harness, id)).toEqual([]);
});

test('a deployment whose devices were taken after it was planned is refused, and its money given back', async () => {
  await using harness = await startResources();
  await setQuota(harness, 'vision', H100, 40);
  await settle(harness);
  const { projectId, spec, request } = deploymentAsk();
  const { planHash } = await harness.app.calls.planDeployment({
    projectId,
    gpu: spec.gpu,
    replicas: spec.replicas,
    request,
    planHash: null,
  });
  for (let node = 0; node < 2; node++) await reserve(harness, { spec: jobSpec({ gpu: gpu(8) }) });
  const id = await askDeployment(harness, { planHash });
  expect((await stateOf(harness, id))?.refusal).toMatchObject({ code: 'CAPACITY_EXHAUSTED' });
  expect(harness.billing.holds.size).toBe(0);
});

test("a deployment's plan counts all of its replicas, and says whether somebody has to approve them", async () => {
  await using harness = await startResources();
  const plan = (min: number, count: number) =>
    harness.app.calls.planDeployment({
      projectId: 'vision',
      gpu: gpu(count),
      replicas: { min, max: min },
      request: { min, count },
      planHash: null,
    });
  expect(await plan(4, 1)).toMatchObject({
    policyVersion: expect.any(String),
    rules: [],
    estimate: { perHour: '11.96', total: null, currency: 'USD', priceBookVersion: 'example-2026-11' },
    quota: [{ gpuModelId: H100, nominal: 16, used: 0, requested: 4 }],
  });
  expect((await plan(5, 1)).rules).toMatchObject([{ rule: 'gpus-above-4' }]);
  await expect(plan(17, 1)).rejects.toMatchObject({ extensions: { code: 'QUOTA_EXCEEDED' } });
  await setQuota(harness, 'vision', H100, 40);
  await settle(harness);
  await expect(plan(3, 8)).rejects.toMatchObject({ extensions: { code: 'UNSATISFIABLE' } });
  await requested(harness.as(people.researcher), requestOf({ gpu: gpu(1) }));
  await expect(plan(2, 8)).rejects.toMatchObject({ extensions: { code: 'CAPACITY_EXHAUSTED' } });
  await setPrices(harness, 'dearer', { [H100]: '3.99' });
  await settle(harness);
  const { planHash } = await plan(4, 1);
  expect(planHash).toMatch(/^[0-9a-f]{64}$/);
});

const OCCUPANTS = `{ gpus(first: 40) { edges { node { id occupant { kind redacted id name } } } } }`;

test('a device shows its job or deployment to those who see into the project, and to others its kind', async () => {
  await using harness = await startResources();
  const job = await reserve(harness, { spec: jobSpec({ gpu: gpu(1) }) });
  const deployment = await askDeployment(harness);
  const occupants = async (who: keyof typeof people) => {
    const { gpus } = dataOf<{ gpus: { edges: { node: { occupant: { kind: string } | null } }[] } }>(
      await harness.as(people[who])(OCCUPANTS),
    );
    return gpus.edges
      .flatMap(({ node }) => node.occupant ?? [])
      .toSorted((a, b) => (a.kind < b.kind ? 1 : -1));
  };
  const seen = { redacted: false };
  expect(await occupants('colleague')).toEqual([
    { kind: 'JOB', ...seen, id: job, name: 'train' },
    { kind: 'DEPLOYMENT', ...seen, id: deployment, name: 'answers' },
    { kind: 'DEPLOYMENT', ...seen, id: deployment, name: 'answers' },
  ]);
  const kinds = ['JOB', 'DEPLOYMENT', 'DEPLOYMENT'];
  expect(await occupants('stranger')).toEqual(
    kinds.map((kind) => ({ kind, redacted: true, id: null, name: null })),
  );
});

test('a reference to an allocation of a job shows its device to those who see into the project', async () => {
  await using harness = await startResources();
  const job = await reserve(harness);
  const allocationIds = (await stateOf(harness, job))?.body?.allocationIds ?? [];
  const read = async (who: keyof typeof people) => {
    const document = `query ($representations: [_Any!]!) { _entities(representations: $representations) {
      ... on Allocation { id ownerKind ownerId from to gpu { id model { id } node { name } } } } }`;
    const representations = allocationIds.map((id) => ({ __typename: 'Allocation', id }));
    return dataOf<{ _entities: unknown[] }>(await harness.as(people[who])(document, { representations }))
      ._entities;
  };
  expect(await read('researcher')).toMatchObject(
    allocationIds.map((id) => ({
      id,
      ownerKind: 'JOB',
      ownerId: job,
      to: null,
      gpu: { model: { id: H100 }, node: { name: expect.stringMatching(/^h100-/) } },
    })),
  );
  expect(await read('stranger')).toEqual([null, null]);
});

test('what the devices of a job or a deployment do is shown to those who see into its project, and of a job that waits nothing', async () => {
  await using harness = await startResources();
  const job = newJob();
  const { spec, name, projectId, maxRuntimeSeconds } = reservation();
  const submitted = { id: job, projectId, queueId: 'queue_1', name, spec, priority: 0, maxRuntimeSeconds };
  await tellJob(harness, job, { type: 'JobSubmitted', data: { ...submitted, planHash: 'hash' } });
  const history = async (who: keyof typeof people, selector: object) => {
    const to = new Date(Date.now() + 1_000);
    const window = { from: new Date(to.getTime() - 60_000).toISOString(), to: to.toISOString() };
    const document = `query ($selector: GpuMetricSelector!, $window: GpuMetricWindowInput!) {
      gpuMetricHistory(selector: $selector, window: $window, step: MINUTE) { gpu { id } job { id } } }`;
    return harness.as(people[who])(document, { selector, window });
  };
  type History = { gpuMetricHistory: { gpu: { id: string }; job: { id: string } | null }[] };
  const shown = async (selector: object) => {
    const { gpuMetricHistory } = dataOf<History>(await history('colleague', selector));
    const gpus = new Set(gpuMetricHistory.map(({ gpu: { id } }) => id));
    return { gpus: [...gpus], jobs: new Set(gpuMetricHistory.map((sample) => sample.job?.id ?? null)) };
  };
  expect(await shown({ jobId: job })).toEqual({ gpus: [], jobs: new Set() });

  await reserve(harness, {}, job);
  const deployment = await askDeployment(harness);
  expect(await shown({ jobId: job })).toEqual({
    gpus: await openDevicesOf(harness, job),
    jobs: new Set([job]),
  });
  expect(await shown({ deploymentId: deployment })).toEqual({
    gpus: await openDevicesOf(harness, deployment),
    jobs: new Set([null]),
  });
  for (const selector of [{ jobId: job }, { deploymentId: deployment }])
    expect(refusalOf(await history('stranger', selector))).toMatchObject({ code: 'NOT_FOUND' });
});

test('an attempt whose pods do not run in time ends, and so does one that runs longer than it may', async () => {
  await using harness = await startResources();
  const waiting = await reserve(harness);
  const running = await reserve(harness, { maxRuntimeSeconds: 1 });
  const seen = [{ type: 'created', uid: 'uid' }, { type: 'running' }] as const;
  await harness.app.observeWorkload(workloadId({ id: running }, 1), seen);
  const past = new Date(Date.now() - 3_600_000);
  for (const job of [waiting, running]) {
    const id = workloadId({ id: job }, 1);
    const { version } = await harness.database.prisma.workload.findUniqueOrThrow({ where: { id } });
    await harness.database.prisma.$transaction(async (tx) => {
      // Only an administrator of the database can: the runtime role may not change events.
      await tx.$executeRaw`SET LOCAL ROLE NONE`;
      await tx.$executeRaw`
        UPDATE eventlog.event SET data = jsonb_set(data, '{deadline}', to_jsonb(${past.toISOString()}::text))
        WHERE context = 'resources' AND stream_id = ${id} AND version = ${version}`;
    });
    await harness.database.prisma.timer.updateMany({ where: { key: id }, data: { dueAt: past } });
  }
  await until('both have ended', async () => {
    const phases = await Promise.all(
      [waiting, running].map(async (job) => (await stateOf(harness, job))?.phase),
    );
    return phases.every((phase) => phase === 'ENDED');
  });
  expect((await stateOf(harness, waiting))?.end).toMatchObject({ reason: 'START_TIMEOUT' });
  expect((await stateOf(harness, running))?.end).toMatchObject({ reason: 'TIME_LIMIT' });
});
