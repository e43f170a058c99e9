import { randomUUID } from 'node:crypto';
import { afterAll, expect, test } from 'vitest';
import type { Principal } from '../../../platform/identity/principal.js';
import { dataOf, person, refusalOf } from '../../../test/testkit/subgraphHarness.js';
import {
  addJob,
  addProject,
  created,
  deployed,
  deploymentOf,
  DIGEST,
  holder,
  mutate,
  registered,
  researcherOf,
  startModels,
  versionOf,
} from '../models.fixture.js';

const harness = await startModels();
afterAll(() => harness[Symbol.asyncDispose]());

async function arrange() {
  const projectId = await addProject(harness);
  const me = researcherOf(projectId);
  return { projectId, me, modelId: await registered(harness, me, projectId) };
}

const create = (as: Principal, input: object, select = 'modelVersion { id number }') =>
  mutate(harness, as, { name: 'createModelVersion', input, select });

const VERSION = `eventId version modelVersion { id number status uri digest sizeBytes parameters precision licence
  version observedAt model { id name } project { id } producedBy { id } datasets { name uri digest } aliases
  architecture { layers kvHeads headDim experts } evaluations { id } deployments { id } createdBy { id }
  availableActions { action allowed resultingState } }`;

test('a version is what was said of it, exactly, also beyond 2^53', async () => {
  const { projectId, me, modelId } = await arrange();
  const jobId = await addJob(harness, projectId);
  const input = versionOf(modelId, {
    sizeBytes: '9007199254740993',
    parameters: '9007199254740995',
    precision: 'BF16',
    producedByJobId: jobId,
    licence: 'Apache-2.0',
    datasets: [{ name: 'support', uri: 's3://datasets/support' }],
    architecture: { layers: 32, kvHeads: 8, headDim: 128 },
    idempotencyKey: randomUUID(),
  });
  const answer = await create(me, input, VERSION);
  const expected = {
    eventId: expect.any(String),
    version: 1,
    modelVersion: {
      id: expect.stringMatching(/^model-version_/),
      number: 1,
      status: 'READY',
      uri: 's3://models/llama/1',
      digest: DIGEST,
      sizeBytes: '9007199254740993',
      parameters: '9007199254740995',
      precision: 'BF16',
      licence: 'Apache-2.0',
      version: 1,
      observedAt: expect.any(String),
      model: { id: modelId, name: 'llama-3.1-8b' },
      project: { id: projectId },
      producedBy: { id: jobId },
      datasets: [{ name: 'support', uri: 's3://datasets/support', digest: null }],
      aliases: [],
      architecture: { layers: 32, kvHeads: 8, headDim: 128, experts: null },
      evaluations: [],
      deployments: [],
      createdBy: { id: me.id },
      availableActions: [
        { action: 'quarantineModelVersion', allowed: true, resultingState: 'QUARANTINED' },
        { action: 'releaseModelVersion', allowed: false, resultingState: null },
        { action: 'deprecateModelVersion', allowed: true, resultingState: 'DEPRECATED' },
        { action: 'archiveModelVersion', allowed: false, resultingState: null },
      ],
    },
  };
  expect(dataOf(answer)).toEqual({ createModelVersion: expected });
  expect(dataOf(await create(me, input, VERSION))).toEqual(dataOf(answer));
});

test('numbers have no gaps, however many versions are created at once', async () => {
  const { me, modelId } = await arrange();
  const refused = create(me, versionOf(modelId, { digest: 'none' }));
  const answers = await Promise.all(Array.from({ length: 25 }, () => create(me, versionOf(modelId))));
  expect(refusalOf(await refused)).toMatchObject({ code: 'BAD_USER_INPUT' });
  type Created = { createModelVersion: { modelVersion: { number: number } } };
  const numbers = answers.map((answer) => dataOf<Created>(answer).createModelVersion.modelVersion.number);
  expect(numbers.sort((a, b) => a - b)).toEqual(Array.from({ length: 25 }, (_, index) => index + 1));
});

test('what is none is refused with the path of the fault, and nothing is stored', async () => {
  const { me, modelId } = await arrange();
  const faults: [object, (string | number)[]][] = [
    [{ digest: 'sha256:short' }, ['digest']],
    [{ digest: DIGEST.slice(7) }, ['digest']],
    [{ digest: `md5:${'0'.repeat(64)}` }, ['digest']],
    [{ digest: `${DIGEST}0` }, ['digest']],
    [{ digest: `sha256:${'g'.repeat(64)}` }, ['digest']],
    [{ sizeBytes: '-1' }, ['sizeBytes']],
    [{ sizeBytes: '-9007199254740993' }, ['sizeBytes']],
    [{ parameters: '0' }, ['parameters']],
    [{ uri: 'no uri' }, ['uri']],
    [{ uri: 'https://me:secret@example.com/model' }, ['uri']],
    [{ licence: '' }, ['licence']],
    [{ datasets: [{ name: 'x', uri: 's3://x', digest: 'none' }] }, ['datasets', 0, 'digest']],
    [{ architecture: { layers: 0, kvHeads: 8, headDim: 128 } }, ['architecture', 'layers']],
  ];
  for (const [more, path] of faults)
    expect(refusalOf(await create(me, versionOf(modelId, more)))).toMatchObject({
      code: 'BAD_USER_INPUT',
      details: { faults: [{ path: ['input', ...path] }] },
    });
  for (const more of [{ sizeBytes: '1.5' }, { precision: 'FP12' }, { sizeBytes: null }]) {
    const { errors } = await create(me, versionOf(modelId, more));
    expect(errors).toHaveLength(1);
  }
  expect(await harness.database.prisma.modelVersion.count({ where: { modelId } })).toBe(0);
});

test('a version is produced by a job of its project that its creator sees, or by none', async () => {
  const { projectId, me, modelId } = await arrange();
  const elsewhere = await addProject(harness);
  const hidden = await addJob(harness, elsewhere);
  const job = await addJob(harness, projectId);
  const both = person([], { [projectId]: me.projects[projectId] ?? [], [elsewhere]: ['contents:read'] });
  const notFound = { code: 'NOT_FOUND', details: { kind: 'Job' } };
  const cases: [Principal, string, object][] = [
    [me, 'job_none', notFound],
    [me, hidden, notFound],
    [holder(projectId, 'model:read', 'model:write'), job, notFound],
    [both, hidden, { code: 'BAD_USER_INPUT', details: { faults: [{ path: ['input', 'producedByJobId'] }] } }],
  ];
  for (const [who, producedByJobId, refusal] of cases)
    expect(refusalOf(await create(who, versionOf(modelId, { producedByJobId })))).toMatchObject(refusal);
  const id = await created(harness, me, modelId, { producedByJobId: job });
  const query = `query ($job: ID!, $id: ID!) {
    modelVersion(id: $id) { producedBy { id } }
    _entities(representations: [{ __typename: "Job", id: $job }]) { ... on Job { producedVersions { id number } } } }`;
  expect(dataOf(await harness.as(me)(query, { job, id }))).toEqual({
    modelVersion: { producedBy: { id: job } },
    _entities: [{ producedVersions: [{ id, number: 1 }] }],
  });
  const approver = harness.as(holder(projectId, 'model:read'));
  expect(dataOf(await approver(query, { job, id }))).toMatchObject({ modelVersion: { producedBy: null } });
  const stranger = harness.as(person());
  expect(dataOf(await stranger(query, { job, id }))).toEqual({
    modelVersion: null,
    _entities: [{ producedVersions: [] }],
  });
});

test('versions are created by those who may, of models that they see', async () => {
  const { projectId, modelId } = await arrange();
  const notFound = { code: 'NOT_FOUND', details: { kind: 'RegisteredModel' } };
  const cases: [Principal, string, object][] = [
    [person(), modelId, notFound],
    [researcherOf(projectId), 'model_none', notFound],
    [holder(projectId, 'contents:read'), modelId, { code: 'FORBIDDEN' }],
  ];
  for (const [who, id, refusal] of cases)
    expect(refusalOf(await create(who, versionOf(id)))).toMatchObject(refusal);
});

test('a dry run tells the number that the version would get, and stores nothing', async () => {
  const { me, modelId } = await arrange();
  await created(harness, me, modelId);
  const answer = await create(
    me,
    versionOf(modelId, { dryRun: true }),
    'eventId version modelVersion { number }',
  );
  expect(dataOf(answer)).toEqual({
    createModelVersion: { eventId: null, version: null, modelVersion: { number: 2 } },
  });
  expect(await harness.database.prisma.modelVersion.count({ where: { modelId } })).toBe(1);
});

test('versions are listed newest first, a page at a time', async () => {
  const { me, modelId } = await arrange();
  for (let count = 0; count < 3; count++) await created(harness, me, modelId);
  const query = `query ($id: ID!, $after: String) { model(id: $id) { latestVersion { number }
    versions(first: 2, after: $after) { edges { node { number } } pageInfo { hasNextPage endCursor } totalCount } } }`;
  type Page = {
    model: { versions: { edges: { node: { number: number } }[]; pageInfo: { endCursor: string } } };
  };
  const read = async (after: string | null) =>
    dataOf<Page>(await harness.as(me)(query, { id: modelId, after })).model;
  const first = await read(null);
  expect(first).toMatchObject({
    latestVersion: { number: 3 },
    versions: { totalCount: 3, pageInfo: { hasNextPage: true } },
  });
  const rest = await read(first.versions.pageInfo.endCursor);
  const numbers = [...first.versions.edges, ...rest.versions.edges].map(({ node }) => node.number);
  expect(numbers).toEqual([3, 2, 1]);
  const strange = Buffer.from('k:none').toString('base64url');
  expect(refusalOf(await harness.as(me)(query, { id: modelId, after: strange }))).toMatchObject({
    code: 'BAD_USER_INPUT',
  });
});

const EVALUATION =
  'eventId version evaluation { suite passed metrics { name value } dataset { name } recordedBy { id } } modelVersion { version evaluations { suite } }';

test('evaluations stay with their version, newest first, and move nothing else of it', async () => {
  const { me, modelId } = await arrange();
  const modelVersionId = await created(harness, me, modelId);
  const record = (more: object, as = me) =>
    mutate(harness, as, {
      name: 'recordEvaluation',
      select: EVALUATION,
      input: {
        modelVersionId,
        suite: 'mmlu',
        metrics: [{ name: 'accuracy', value: '0.683' }],
        passed: true,
        ...more,
      },
    });
  expect(dataOf(await record({ dataset: { name: 'mmlu', uri: 's3://datasets/mmlu' } }))).toEqual({
    recordEvaluation: {
      eventId: expect.any(String),
      version: 2,
      evaluation: {
        suite: 'mmlu',
        passed: true,
        metrics: [{ name: 'accuracy', value: '0.683' }],
        dataset: { name: 'mmlu' },
        recordedBy: { id: me.id },
      },
      modelVersion: { version: 2, evaluations: [{ suite: 'mmlu' }] },
    },
  });
  expect(dataOf(await record({ suite: 'toxicity', passed: false }))).toMatchObject({
    recordEvaluation: { modelVersion: { evaluations: [{ suite: 'toxicity' }, { suite: 'mmlu' }] } },
  });
  const twice = [
    { name: 'f1', value: '1' },
    { name: 'f1', value: '2' },
  ];
  for (const [more, path] of [
    [{ metrics: [] }, ['input', 'metrics']],
    [{ metrics: twice }, ['input', 'metrics', 1, 'name']],
    [{ suite: 'x'.repeat(201) }, ['input', 'suite']],
  ] as const)
    expect(refusalOf(await record(more))).toMatchObject({
      code: 'BAD_USER_INPUT',
      details: { faults: [{ path }] },
    });
  expect(refusalOf(await record({}, person()))).toMatchObject({ code: 'NOT_FOUND' });
  expect(await harness.database.prisma.evaluation.count({ where: { modelVersionId } })).toBe(2);
});

test('what is served or aliased is neither quarantined nor archived, and what is quarantined is not served', async () => {
  const { projectId, me, modelId } = await arrange();
  const id = await created(harness, me, modelId);
  const command = (name: string, more: object = {}) =>
    mutate(harness, me, { name, input: { id, ...more }, select: 'modelVersion { status reason }' });
  const deploymentId = await deployed(harness, me, deploymentOf(projectId, id));
  const alias = { modelId, name: 'champion', versionId: id };
  dataOf(await mutate(harness, me, { name: 'setAlias', input: alias, select: 'eventId' }));
  const reason = 'It answers with personal data.';
  expect(refusalOf(await command('quarantineModelVersion', { reason }))).toMatchObject({
    code: 'VERSION_IN_USE',
    details: { id, aliases: ['champion'], deploymentIds: [deploymentId] },
  });
  dataOf(await command('deprecateModelVersion'));
  expect(refusalOf(await command('archiveModelVersion'))).toMatchObject({ code: 'VERSION_IN_USE' });

  const other = await created(harness, me, modelId);
  const quarantine = { id: other, reason };
  const select = 'version modelVersion { status reason }';
  expect(
    dataOf(await mutate(harness, me, { name: 'quarantineModelVersion', input: quarantine, select })),
  ).toEqual({ quarantineModelVersion: { version: 2, modelVersion: { status: 'QUARANTINED', reason } } });
  const refusals = [
    mutate(harness, me, {
      name: 'createDeployment',
      input: deploymentOf(projectId, other),
      select: 'eventId',
    }),
    mutate(harness, me, { name: 'setAlias', input: { ...alias, versionId: other }, select: 'eventId' }),
    mutate(harness, me, { name: 'archiveModelVersion', input: { id: other }, select: 'eventId' }),
  ];
  for (const refusal of refusals)
    expect(refusalOf(await refusal)).toMatchObject({
      code: 'ILLEGAL_TRANSITION',
      details: { state: 'QUARANTINED', allowed: ['releaseModelVersion', 'deprecateModelVersion'] },
    });
  expect(
    refusalOf(
      await mutate(harness, me, {
        name: 'releaseModelVersion',
        input: { id: other, expectedVersion: 1 },
        select: 'eventId',
      }),
    ),
  ).toMatchObject({ code: 'CONFLICT' });
});
