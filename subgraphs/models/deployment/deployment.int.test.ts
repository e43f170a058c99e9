import { afterAll, expect, test } from 'vitest';
import { PublicError } from '../../../platform/errors.js';
import type { Principal } from '../../../platform/identity/principal.js';
import { dataOf, person, refusalOf } from '../../../test/testkit/subgraphHarness.js';
import { until } from '../../../test/testkit/until.js';
import {
  addProject,
  approverOf,
  created,
  deployed,
  deploymentOf,
  H100,
  holder,
  mutate,
  PLAN_HASH,
  registered,
  researcherOf,
  startModels,
  tell,
} from '../models.fixture.js';

const harness = await startModels();
afterAll(() => harness[Symbol.asyncDispose]());

async function arrange(key?: string) {
  const projectId = await addProject(harness, key);
  const me = researcherOf(projectId);
  const modelId = await registered(harness, me, projectId);
  const versionId = await created(harness, me, modelId, { uri: 's3://models/7' });
  harness.resources.answer = {};
  return { projectId, me, modelId, versionId };
}

const ANSWER = `eventId version deployment { id name status replicas { min max desired ready } loadState endpoint
  traffic { version { number } weightBp } modelVersion { number } gpuModels { id } gpusPerReplica port planHash
  project { id } createdBy { id } deadline } approval { id }`;
const create = (as: Principal, input: object, select = ANSWER) =>
  mutate(harness, as, { name: 'createDeployment', input, select });

const STATE = `query ($id: ID!, $asOf: DateTime) { deployment(id: $id, asOf: $asOf) {
  status endReason message replicas { desired ready } loadState endpoint deadline
  availableActions { action allowed reason resultingState } } }`;
type State = { deployment: { status: string; endReason: string | null } };
const state = async (as: Principal, id: string) =>
  dataOf<State>(await harness.as(as)(STATE, { id })).deployment;
const reaches = (as: Principal, id: string, status: string) =>
  until(`${id} is ${status}`, async () => (await state(as, id)).status === status);

const countOf = (projectId: string) => harness.database.prisma.deployment.count({ where: { projectId } });
const typesOf = async (id: string) => (await harness.app.spine.store.readStream(id)).map(({ type }) => type);

const admitted = { allocationIds: ['allocation_1'] };

test('a version is deployed, becomes available, degrades, recovers, and is gone when its pods are', async () => {
  const { projectId, me, versionId } = await arrange('vision');
  const answer = dataOf<{ createDeployment: { deployment: { id: string } } }>(
    await create(me, deploymentOf(projectId, versionId, { replicas: { min: 2, max: 3 } })),
  );
  const { id } = answer.createDeployment.deployment;
  expect(answer).toMatchObject({
    createDeployment: {
      eventId: expect.any(String),
      version: 2,
      approval: null,
      deployment: {
        id: expect.stringMatching(/^deployment_/),
        name: 'support-bot',
        status: 'ALLOCATING',
        replicas: { min: 2, max: 3, desired: 2, ready: 0 },
        loadState: 'PENDING',
        endpoint: null,
        traffic: [{ version: { number: 1 }, weightBp: 10_000 }],
        modelVersion: { number: 1 },
        gpuModels: [{ id: H100 }],
        gpusPerReplica: 1,
        port: 8080,
        planHash: PLAN_HASH,
        project: { id: projectId },
        createdBy: { id: me.id },
      },
    },
  });
  expect(harness.resources.asked.at(-1)).toEqual({
    projectId,
    gpu: { modelIn: [H100], count: 1 },
    replicas: { min: 2, max: 3 },
    planHash: null,
    request: expect.objectContaining({ projectId, name: 'support-bot', modelVersionId: versionId }),
  });

  await tell(harness, id, 'WorkloadAdmitted', admitted);
  await reaches(me, id, 'PROVISIONING');
  expect(await state(me, id)).toMatchObject({
    loadState: 'LOADING',
    endpoint: `http://${id.toLowerCase().replace('_', '-')}.vision.svc:8080`,
  });
  await tell(harness, id, 'WorkloadRunning', { startedAt: new Date().toISOString(), deadline: null });
  await tell(harness, id, 'WorkloadReplicasChanged', { desired: 2, ready: 2 });
  await reaches(me, id, 'AVAILABLE');
  expect(await state(me, id)).toMatchObject({ loadState: 'LOADED', replicas: { ready: 2 }, deadline: null });
  await tell(harness, id, 'WorkloadReplicasChanged', { desired: 2, ready: 1 });
  await reaches(me, id, 'DEGRADED');
  await tell(harness, id, 'WorkloadReplicasChanged', { desired: 2, ready: 2 });
  await reaches(me, id, 'AVAILABLE');

  const deletion = { name: 'deleteDeployment', input: { id }, select: 'version deployment { status }' };
  expect(dataOf(await mutate(harness, me, deletion))).toMatchObject({
    deleteDeployment: { deployment: { status: 'DELETING' } },
  });
  await tell(harness, id, 'WorkloadCleared', {});
  await reaches(me, id, 'DELETED');
  expect(await state(me, id)).toMatchObject({ endReason: 'DELETED_BY_REQUEST', endpoint: null });
  expect(refusalOf(await mutate(harness, me, deletion))).toMatchObject({
    code: 'ILLEGAL_TRANSITION',
    details: { state: 'DELETED', allowed: [] },
  });
  expect(await typesOf(id)).toEqual([
    'DeploymentRequested',
    'DeploymentAdmissionAsked',
    'DeploymentAdmitted',
    'DeploymentReplicasChanged',
    'DeploymentReplicasChanged',
    'DeploymentAvailable',
    'DeploymentReplicasChanged',
    'DeploymentDegraded',
    'DeploymentReplicasChanged',
    'DeploymentAvailable',
    'DeploymentDeletionRequested',
    'DeploymentDeleted',
  ]);
  const [first] = await harness.app.spine.store.readStream(id);
  const past = await harness.as(me)(STATE, { id, asOf: first?.occurredAt });
  expect(dataOf(past)).toMatchObject({ deployment: { status: 'ALLOCATING' } });
});

test.each(['PLAN_STALE', 'QUOTA_EXCEEDED', 'BUDGET_EXCEEDED', 'UNSATISFIABLE', 'CAPACITY_EXHAUSTED'])(
  'what the plan refuses with %s is refused at once, and leaves nothing',
  async (code) => {
    const { projectId, me, versionId } = await arrange();
    harness.resources.answer = new PublicError(code, 'No.', 'Ask for less.', { need: 1 });
    const input = deploymentOf(projectId, versionId, { planHash: 'b'.repeat(64), idempotencyKey: 'k1' });
    expect(refusalOf(await create(me, input))).toMatchObject({ code, details: { need: 1 } });
    expect(harness.resources.asked.at(-1)).toMatchObject({ planHash: 'b'.repeat(64) });
    expect(await countOf(projectId)).toBe(0);
    harness.resources.answer = {};
    const answer = dataOf(await create(me, input));
    expect(dataOf(await create(me, input))).toEqual(answer);
    expect(await countOf(projectId)).toBe(1);
  },
);

test('bad input is refused with the path of the fault before anything is planned', async () => {
  const { projectId, me, versionId } = await arrange();
  const asked = harness.resources.asked.length;
  const faults: [object, (string | number)[]][] = [
    [{ name: '' }, ['name']],
    [{ name: 'x'.repeat(10_000) }, ['name']],
    [{ image: 'two words' }, ['image']],
    [{ port: 0 }, ['port']],
    [{ port: 65_536 }, ['port']],
    [{ gpu: { modelIn: [], count: 1 } }, ['gpu', 'modelIn']],
    [{ gpu: { modelIn: ['h100'], count: 1 } }, ['gpu', 'modelIn', 0]],
    [{ gpu: { modelIn: [H100, H100], count: 1 } }, ['gpu', 'modelIn', 1]],
    [{ gpu: { modelIn: [H100], count: 0 } }, ['gpu', 'count']],
    [{ gpu: { modelIn: [H100], count: 65 } }, ['gpu', 'count']],
    [{ replicas: { min: 0, max: 1 } }, ['replicas', 'min']],
    [{ replicas: { min: 2, max: 1 } }, ['replicas', 'max']],
    [{ planHash: 'x'.repeat(65) }, ['planHash']],
  ];
  for (const [more, path] of faults)
    expect(refusalOf(await create(me, deploymentOf(projectId, versionId, more)))).toMatchObject({
      code: 'BAD_USER_INPUT',
      details: { faults: [{ path: ['input', ...path] }] },
    });
  expect(harness.resources.asked).toHaveLength(asked);
  expect(await countOf(projectId)).toBe(0);
});

test('deployments are made by those who may, of versions that they see, in the project of the version', async () => {
  const { projectId, me, versionId } = await arrange();
  const other = await addProject(harness);
  const both = person([], { [projectId]: me.projects[projectId] ?? [], [other]: ['contents:read'] });
  const notFound = (kind: string) => ({ code: 'NOT_FOUND', details: { kind } });
  const cases: [Principal, string, string, object][] = [
    [person(), projectId, versionId, notFound('Project')],
    [me, 'project_none', versionId, notFound('Project')],
    [me, projectId, 'model-version_none', notFound('ModelVersion')],
    [holder(projectId, 'project:read', 'deployment:write'), projectId, versionId, notFound('ModelVersion')],
    [
      both,
      other,
      versionId,
      { code: 'BAD_USER_INPUT', details: { faults: [{ path: ['input', 'modelVersionId'] }] } },
    ],
    [holder(projectId, 'contents:read'), projectId, versionId, { code: 'FORBIDDEN' }],
    [approverOf(projectId), projectId, versionId, { code: 'FORBIDDEN' }],
  ];
  for (const [who, project, version, refusal] of cases)
    expect(refusalOf(await create(who, deploymentOf(project, version)))).toMatchObject(refusal);
  expect(await countOf(projectId)).toBe(0);

  const id = await deployed(harness, me, deploymentOf(projectId, versionId));
  const deletion = { name: 'deleteDeployment', input: { id }, select: 'deployment { id }' };
  expect(refusalOf(await mutate(harness, researcherOf(projectId), deletion))).toMatchObject({
    code: 'FORBIDDEN',
    details: { permission: 'deployment:write' },
  });
  expect(refusalOf(await mutate(harness, person(), deletion))).toMatchObject(notFound('Deployment'));
  const administrator = holder(projectId, 'contents:read', 'deployment:write');
  expect(dataOf(await mutate(harness, administrator, deletion))).toBeTruthy();
});

test('a dry run answers as it would be, and asks nobody', async () => {
  const { projectId, me, versionId } = await arrange();
  harness.resources.answer = { rules: [{ rule: 'gpus-above-4', reason: 'More than 4 GPUs.' }] };
  const answer = await create(me, deploymentOf(projectId, versionId, { dryRun: true }));
  expect(dataOf(answer)).toMatchObject({
    createDeployment: {
      eventId: null,
      version: null,
      approval: null,
      deployment: { status: 'AWAITING_APPROVAL' },
    },
  });
  expect(await countOf(projectId)).toBe(0);
});

test('traffic is shared out among versions of the model, and restored exactly', async () => {
  const { projectId, me, modelId, versionId } = await arrange();
  const second = await created(harness, me, modelId);
  const id = await deployed(harness, me, deploymentOf(projectId, versionId));
  const weights = [
    { modelVersionId: versionId, weightBp: 9_950 },
    { modelVersionId: second, weightBp: 50 },
  ];
  const TRAFFIC = 'version deployment { traffic { version { id } weightBp } previousTraffic { weightBp } }';
  const set = (more: object, as = me) =>
    mutate(harness, as, { name: 'setTraffic', input: { id, weights, ...more }, select: TRAFFIC });
  expect(refusalOf(await set({}))).toMatchObject({ code: 'ILLEGAL_TRANSITION' });
  await tell(harness, id, 'WorkloadAdmitted', admitted);
  await reaches(me, id, 'PROVISIONING');
  expect(dataOf(await set({ expectedVersion: 3 }))).toEqual({
    setTraffic: {
      version: 4,
      deployment: {
        traffic: [
          { version: { id: versionId }, weightBp: 9_950 },
          { version: { id: second }, weightBp: 50 },
        ],
        previousTraffic: [{ weightBp: 10_000 }],
      },
    },
  });
  const lists = `query ($v: ID!) { modelVersion(id: $v) { deployments { id } } }`;
  expect(dataOf(await harness.as(me)(lists, { v: second }))).toEqual({
    modelVersion: { deployments: [{ id }] },
  });

  const foreign = await created(harness, me, await registered(harness, me, projectId, 'other'));
  const of = (modelVersionId: string) => [{ modelVersionId, weightBp: 10_000 }];
  for (const [more, path] of [
    [{ weights: [weights[0]] }, ['input', 'weights']],
    [{ weights: of(foreign) }, ['input', 'weights', 0, 'modelVersionId']],
    [{ weights: of('model-version_none') }, ['input', 'weights', 0, 'modelVersionId']],
    [{ weights: [] }, ['input', 'weights']],
  ] as const)
    expect(refusalOf(await set(more))).toMatchObject({
      code: 'BAD_USER_INPUT',
      details: { faults: [{ path }] },
    });
  expect(refusalOf(await set({ expectedVersion: 3 }))).toMatchObject({ code: 'CONFLICT' });
  expect(refusalOf(await set({}, researcherOf(projectId)))).toMatchObject({ code: 'FORBIDDEN' });
  expect(
    dataOf(await mutate(harness, me, { name: 'restoreTraffic', input: { id }, select: TRAFFIC })),
  ).toMatchObject({
    restoreTraffic: { deployment: { traffic: [{ version: { id: versionId }, weightBp: 10_000 }] } },
  });
  const quarantine = {
    name: 'quarantineModelVersion',
    input: { id: second, reason: 'no' },
    select: 'eventId',
  };
  dataOf(await mutate(harness, me, quarantine));
  expect(
    refusalOf(await mutate(harness, me, { name: 'restoreTraffic', input: { id }, select: TRAFFIC })),
  ).toMatchObject({ code: 'ILLEGAL_TRANSITION', details: { id: second, state: 'QUARANTINED' } });
});

test('what cannot be admitted or brought up has failed, and says why', async () => {
  const { projectId, me, versionId } = await arrange();
  const refused = await deployed(harness, me, deploymentOf(projectId, versionId));
  await tell(harness, refused, 'WorkloadRefused', {
    code: 'QUOTA_EXCEEDED',
    message: 'None left',
    details: {},
  });
  await reaches(me, refused, 'FAILED');
  expect(await state(me, refused)).toMatchObject({ endReason: 'CAPACITY_GONE', message: 'None left' });

  const broken = await deployed(harness, me, deploymentOf(projectId, versionId));
  await tell(harness, broken, 'WorkloadAdmitted', admitted);
  await tell(harness, broken, 'WorkloadEnded', { reason: 'IMAGE_PULL_FAILED', message: 'No such image' });
  await reaches(me, broken, 'FAILED');
  expect(await state(me, broken)).toMatchObject({
    endReason: 'IMAGE_PULL_FAILED',
    loadState: 'FAILED_TO_LOAD',
    availableActions: ['setTraffic', 'restoreTraffic', 'deleteDeployment'].map((action) => ({
      action,
      allowed: false,
      reason: 'It is FAILED.',
      resultingState: null,
    })),
  });
});
