import { afterAll, beforeAll, expect, test } from 'vitest';
import { type Answer, type Client, dataOf, newKey, startFleet, type TestFleet } from '../testkit/fleet.js';
import { storedByPeople } from '../testkit/refused.js';
import { createTenant, type Tenant } from '../testkit/tenant.js';
import { until } from '../testkit/until.js';

const MODEL = 'a100-sxm4-80gb';

let fleet: TestFleet;
let tenant: Tenant;
/** Sees the project `speech` alone. */
let stranger: Client;
/** What is the tenant's, by kind. */
const theirs = {
  project: '',
  instance: '',
  allocation: '',
  quota: '',
  budget: '',
  model: '',
  version: '',
  deployment: '',
  job: '',
  approval: '',
  queue: '',
  event: '',
};

beforeAll(async () => {
  fleet = await startFleet();
  tenant = await createTenant(fleet, { quotas: { [MODEL]: 8 }, monthlyBudget: '100' });
  const { researcher, projectId } = tenant;
  theirs.project = projectId;
  theirs.instance = dataOf(await tenant.requestInstance(MODEL, 1)).requestInstance.instance.id;
  const model = { projectId, name: 'secret-model', idempotencyKey: newKey() };
  type Registered = { registerModel: { eventId: string; model: { id: string } } };
  const registered = dataOf(await researcher.run<Registered>('RegisterModel', { input: model }));
  theirs.model = registered.registerModel.model.id;
  theirs.event = registered.registerModel.eventId;
  const version = { ...versionOf(theirs.model), idempotencyKey: newKey() };
  type Created = { createModelVersion: { modelVersion: { id: string } } };
  const created = dataOf(await researcher.run<Created>('CreateModelVersion', { input: version }));
  theirs.version = created.createModelVersion.modelVersion.id;
  // So large that it waits for an approval: it has no devices.
  const large = { ...deploymentOf(projectId, theirs.version, 5), idempotencyKey: newKey() };
  type Deployed = { createDeployment: { deployment: { id: string }; approval: { id: string } } };
  const deployed = dataOf(await researcher.run<Deployed>('CreateDeployment', { input: large }));
  theirs.deployment = deployed.createDeployment.deployment.id;
  theirs.approval = deployed.createDeployment.approval.id;
  const request = { ...jobOf(projectId), gpu: { modelIn: [MODEL], count: 5 } };
  type Submitted = { submitJob: { job: { id: string } } };
  const job = { input: { request, idempotencyKey: newKey() } };
  theirs.job = dataOf(await researcher.run<Submitted>('SubmitJob', job)).submitJob.job.id;
  const query = `query ($projectId: ID!, $instanceId: ID!) {
    project(id: $projectId) { quotas { id } budgets { id } queues { id } }
    instance(id: $instanceId) { allocations { id } }
  }`;
  type Ids = { id: string }[];
  type Found = {
    project: { quotas: Ids; budgets: Ids; queues: Ids };
    instance: { allocations: Ids };
  };
  await until('its default queue is there', async () => {
    const found = dataOf(await researcher.send<Found>(query, { projectId, instanceId: theirs.instance }));
    const { quotas, budgets, queues } = found.project;
    theirs.quota = quotas[0]?.id ?? '';
    theirs.budget = budgets[0]?.id ?? '';
    theirs.queue = queues[0]?.id ?? '';
    theirs.allocation = found.instance.allocations[0]?.id ?? '';
    return Object.values(theirs).every((id) => id !== '');
  });
  stranger = (await fleet.as('speech-researcher')).follow(researcher);
});
afterAll(() => fleet[Symbol.asyncDispose]());

const DIGEST = `sha256:${'0'.repeat(64)}`;
const versionOf = (modelId: string) => ({ modelId, uri: 's3://models/1', digest: DIGEST, sizeBytes: '1' });
const deploymentOf = (projectId: string, modelVersionId: string, count: number) => ({
  projectId,
  modelVersionId,
  name: 'secret-deployment',
  image: 'vllm',
  gpu: { modelIn: [MODEL], count },
});

const jobOf = (projectId: string) => ({
  projectId,
  name: 'secret-job',
  image: 'i',
  command: [],
  gpu: { modelIn: [MODEL], count: 1 },
  maxRuntime: 'PT1H',
});

/** What an answer says, with the id that was asked for left out: the ids alone may differ. */
const withoutId = (answer: Answer<unknown>, id: string): string =>
  JSON.stringify(answer).replaceAll(id, 'THE_ID');

/** An id of the same kind that nothing has. */
const missing = (id: string): string => `${id.slice(0, -4)}0000`;

const roots: [string, keyof typeof theirs, string][] = [
  ['project', 'project', 'id key name quotas { id } budgets { id } auditTrail(first: 1) { totalCount }'],
  ['instance', 'instance', 'id name state cost { accrued { amount } } auditTrail(first: 1) { totalCount }'],
  [
    'job',
    'job',
    'id name phase blockers { code } cost { accrued { amount } } auditTrail(first: 1) { totalCount }',
  ],
  ['quota', 'quota', 'id nominal used'],
  ['budget', 'budget', 'id spent { amount }'],
  ['model', 'model', 'id name'],
  ['modelVersion', 'version', 'id number digest'],
  ['deployment', 'deployment', 'id name cost { accrued { amount } } auditTrail(first: 1) { totalCount }'],
  ['approval', 'approval', 'id status planHash target { name } auditTrail(first: 1) { totalCount }'],
  ['queue', 'queue', 'id name'],
  ['auditEvent', 'event', 'id type payload'],
];
test.each(roots)(
  "the root %s shows a stranger another tenant's thing as a missing one",
  async (root, kind, fields) => {
    const query = `query ($id: ID!) { ${root}(id: $id) { ${fields} } }`;
    const [id, none] = [theirs[kind], missing(theirs[kind])];
    expect(dataOf(await tenant.researcher.send<Record<string, object>>(query, { id }))[root]).toMatchObject({
      id,
    });
    const hidden = await stranger.send(query, { id });
    expect(hidden.data).toEqual({ [root]: null });
    expect(withoutId(hidden, id)).toBe(withoutId(await stranger.send(query, { id: none }), none));
  },
);

const usd = (amount: string) => ({ amount, currency: 'USD' });
const gpu = { modelIn: [MODEL], count: 1 };
const mutations: [string, keyof typeof theirs, (id: string) => object][] = [
  ['StopInstance', 'instance', (id) => ({ id })],
  ['StartInstance', 'instance', (id) => ({ id })],
  ['TerminateInstance', 'instance', (id) => ({ id })],
  ['RequestInstance', 'project', (id) => ({ request: { projectId: id, name: 'n', image: 'i', gpu } })],
  ['SubmitJob', 'project', (id) => ({ request: jobOf(id) })],
  ['CancelJob', 'job', (id) => ({ id })],
  ['RegisterModel', 'project', (id) => ({ projectId: id, name: 'm' })],
  ['CreateModelVersion', 'model', versionOf],
  ['SetAlias', 'model', (id) => ({ modelId: id, versionId: theirs.version, name: 'a' })],
  ['CreateDeployment', 'project', (id) => deploymentOf(id, theirs.version, 1)],
  ['DeleteDeployment', 'deployment', (id) => ({ id })],
  ['DecideApproval', 'approval', (id) => ({ id, decision: 'APPROVE' })],
  ['SetQuota', 'project', (id) => ({ projectId: id, gpuModelId: MODEL, nominal: 1 })],
  ['CreateBudget', 'project', (id) => ({ projectId: id, period: 'YEAR', amount: usd('1') })],
  ['UpdateBudget', 'budget', (id) => ({ id, amount: usd('1') })],
  ['CreateProject', 'project', (id) => ({ key: 'mine', name: 'Mine', parentId: id })],
  ['BindRole', 'project', (id) => ({ projectId: id, role: 'Researcher', subject: { userId: 'user_1' } })],
];
test.each(mutations)(
  "%s of another tenant's thing is answered as of a missing one, and changes nothing",
  async (name, kind, fields) => {
    const [id, none] = [theirs[kind], missing(theirs[kind])];
    const before = await storedByPeople(fleet);
    const send = (target: string) =>
      stranger.run(name, { input: { ...fields(target), idempotencyKey: newKey() } });
    const hidden = await send(id);
    expect(hidden.errors?.[0]?.extensions.code).toBe('NOT_FOUND');
    expect(withoutId(hidden, id)).toBe(withoutId(await send(none), none));
    expect(await storedByPeople(fleet)).toEqual(before);
  },
);

test.each([
  ['PlanInstance', (projectId: string) => ({ projectId, name: 'n', image: 'i', gpu })],
  ['PlanJob', jobOf],
])("%s in another tenant's project is answered as in a missing one", async (name, inputOf) => {
  const plan = (projectId: string) => stranger.run(name, { input: inputOf(projectId) });
  const [id, none] = [theirs.project, missing(theirs.project)];
  const hidden = await plan(id);
  expect(hidden.errors?.[0]?.extensions.code).toBe('NOT_FOUND');
  expect(withoutId(hidden, id)).toBe(withoutId(await plan(none), none));
});

test.each([
  ['InstanceEvents', 'instance', 'id'],
  ['DeploymentStatus', 'deployment', 'id'],
  ['JobStatus', 'job', 'id'],
  ['JobLogs', 'job', 'id'],
  ['JobEvents', 'project', 'projectId'],
] as const)(
  "a feed %s of another tenant's %s ends as one of a missing thing does",
  async (feed, kind, field) => {
    const first = async (variables: object) => {
      for await (const item of stranger.subscribe(feed, variables)) return item;
      return undefined;
    };
    const refusal = async (variables: object) => {
      const answer = await first(variables).catch((error: unknown) => ({ errors: error }));
      return JSON.stringify(answer);
    };
    const [id, none] = [theirs[kind], missing(theirs[kind])];
    const hidden = await refusal({ [field]: id });
    expect(hidden).toContain('NOT_FOUND');
    expect(hidden.replaceAll(id, 'THE_ID')).toBe(
      (await refusal({ [field]: none })).replaceAll(none, 'THE_ID'),
    );
  },
);

test('no list, count or name shows a stranger that another tenant exists', async () => {
  const query = `query ($project: ID!, $instance: ID!) {
    me { projects(first: 100) { edges { node { id key } } totalCount } }
    projects(first: 100) { edges { node { id key } } totalCount }
    instances(projectId: $project, first: 100) { edges { node { id } } totalCount }
    jobs(projectId: $project, first: 100) { edges { node { id } } totalCount }
    approvals(first: 100, filter: { projectId: $project }) { edges { node { id } } totalCount }
    projectByKey(key: "${tenant.key}") { id }
    gpus(first: 100, filter: { occupied: true }) { edges { node { occupant { kind id name redacted } allocations { id } } } }
    ofProject: auditEvents(first: 100, filter: { projectId: $project }) { edges { node { id } } totalCount }
    ofInstance: auditEvents(first: 100, filter: { subjectId: $instance }) { edges { node { id } } totalCount }
    all: auditEvents(first: 100) { edges { node { projectId subject { id } } } }
  }`;
  const { project, instance } = theirs;
  type Seen = Record<string, { edges: { node: object }[]; totalCount: number }>;
  const answer = await stranger.send<Seen>(query, { project, instance });
  const data = dataOf(answer);
  const text = JSON.stringify(answer);
  for (const [kind, id] of Object.entries(theirs))
    expect({ kind, seen: text.includes(id) }).toEqual({ kind, seen: false });
  expect(text).not.toContain(tenant.key);
  expect(data.projects?.totalCount).toBe(1);
  for (const list of ['instances', 'jobs', 'approvals', 'ofProject', 'ofInstance'])
    expect(data[list]).toEqual({ edges: [], totalCount: 0 });
  expect(data.gpus?.edges.map(({ node }) => node)).toEqual([
    { occupant: { kind: 'INSTANCE', id: null, name: null, redacted: true }, allocations: [] },
  ]);
});

test('a feed ends with 4403, for its client to ask again, once its reader has lost the right', async () => {
  const { administrator, projectId } = tenant;
  const command = (fields: object) => ({ input: { idempotencyKey: newKey(), ...fields } });
  const { me } = dataOf(await stranger.run<{ me: { id: string } }>('Me'));
  const role = { subject: { userId: me.id }, role: 'Researcher', projectId };
  type Bound = { bindRole: { roleBinding: { id: string } } };
  const { roleBinding } = dataOf(await administrator.run<Bound>('BindRole', command(role))).bindRole;

  const reader = (await fleet.as('speech-researcher')).follow(administrator);
  const feed = reader.subscribe('InstanceEvents', { id: theirs.instance });
  expect(dataOf((await feed.next()).value as Answer)).toMatchObject({ instanceEvents: { type: 'SNAPSHOT' } });
  dataOf(await administrator.run('RevokeRole', command({ id: roleBinding.id })));
  const ends = async () => {
    for await (const _item of feed);
  };
  await expect(ends()).rejects.toMatchObject({ code: 4403 });
});

test('the door between subgraphs is not one for clients', async () => {
  const query = `query ($id: ID!) { _entities(representations: [{ __typename: "Instance", id: $id }]) { __typename } }`;
  const answer = await stranger.send(query, { id: theirs.instance });
  expect(answer.errors?.[0]?.extensions.code).toBe('GRAPHQL_VALIDATION_FAILED');
});

test('without a token, or with a wrong one, nothing is answered', async () => {
  for (const authorization of [undefined, 'Bearer x.y.z', 'Basic eA==']) {
    const response = await fetch(`${fleet.url}/graphql`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', ...(authorization && { authorization }) },
      body: JSON.stringify({ query: '{ gpus(first: 1) { totalCount } }' }),
    });
    const answer = (await response.json()) as Answer;
    expect(response.status).toBe(401);
    expect(answer.errors?.[0]?.extensions.code).toBe('UNAUTHENTICATED');
    expect(answer.data ?? null).toBeNull();
  }
});
