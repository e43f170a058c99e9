import { afterAll, beforeAll, expect, test } from 'vitest';
import { type Answer, type Client, dataOf, newKey, startFleet, type TestFleet } from '../testkit/fleet.js';
import { expectRefused, storedByPeople } from '../testkit/refused.js';
import { createTenant } from '../testkit/tenant.js';
import { until } from '../testkit/until.js';

const H100 = 'h100-sxm5-80gb';
const L40S = 'l40s-48gb';
const NOWHERE = 'project_01JD0000000000000000000000';

let fleet: TestFleet;
let admin: Client;

beforeAll(async () => {
  fleet = await startFleet();
  admin = await fleet.as('org-admin');
});
afterAll(() => fleet[Symbol.asyncDispose]());

const input = (fields: object) => ({ input: { idempotencyKey: newKey(), ...fields } });
const usd = (amount: string) => ({ amount, currency: 'USD' });
const refused = (code: string, attempt: () => Promise<Answer<unknown>>) =>
  expectRefused(fleet, code, attempt);

test('a request over the quota is refused with what is free, and so is one over the quota above', async () => {
  const parent = await createTenant(fleet, { quotas: { [L40S]: 2 } });
  const child = await createTenant(fleet, { quotas: { [L40S]: 8 }, parentId: parent.projectId });
  const own = await refused('QUOTA_EXCEEDED', () => parent.requestInstance(L40S, 3));
  expect(own.details).toEqual({
    gpuModelId: L40S,
    need: 3,
    free: 2,
    nominal: 2,
    projectId: parent.projectId,
  });

  const { instance } = dataOf(await child.requestInstance(L40S, 1)).requestInstance;
  const above = await refused('QUOTA_EXCEEDED', () => child.requestInstance(L40S, 2));
  expect(above.details).toMatchObject({ need: 2, free: 1, nominal: 2, projectId: parent.projectId });
  const none = await refused('QUOTA_EXCEEDED', () => child.requestInstance(H100, 1));
  expect(none.details).toMatchObject({ gpuModelId: H100, need: 1, free: 0, nominal: 0 });

  await child.reaches(instance.id, 'RUNNING');
  await child.end(instance.id);
});

test('a request over the budget is refused with the money that is free, and so is a start', async () => {
  const tenant = await createTenant(fleet, { quotas: { [L40S]: 8 }, monthlyBudget: '2.5' });
  const { instance } = dataOf(await tenant.requestInstance(L40S, 2)).requestInstance;
  const { id } = instance;
  const over = await refused('BUDGET_EXCEEDED', () => tenant.requestInstance(L40S, 1));
  expect(over.details).toMatchObject({ need: '0.99', limit: '2.5', currency: 'USD' });
  const { free, spent, held, budgetId } = over.details as Record<string, string>;
  expect(Number(spent) + Number(held) + Number(free)).toBeCloseTo(2.5, 9);
  expect(Number(free)).toBeLessThan(0.99);

  await tenant.reaches(id, 'RUNNING');
  const command = () => input({ id });
  dataOf(await tenant.researcher.run('StopInstance', command()));
  await tenant.reaches(id, 'STOPPED');
  dataOf(await admin.run('UpdateBudget', input({ id: budgetId, amount: usd('1') })));
  tenant.researcher.follow(admin);
  const start = await refused('BUDGET_EXCEEDED', () => tenant.researcher.run('StartInstance', command()));
  expect(start.details).toMatchObject({ need: '1.98', limit: '1' });
  await tenant.end(id);
});

test('without free devices a request is refused for now, and one larger than any node for ever', async () => {
  const tenant = await createTenant(fleet, { quotas: { [L40S]: 20 } });
  const taken = [await tenant.requestInstance(L40S, 3), await tenant.requestInstance(L40S, 3)];
  const full = await refused('CAPACITY_EXHAUSTED', () => tenant.requestInstance(L40S, 3));
  expect(full).toMatchObject({ retryable: true, details: { gpuModelId: L40S, need: 3, free: 2 } });
  const large = await refused('UNSATISFIABLE', () => tenant.requestInstance(L40S, 9));
  expect(large).toMatchObject({ retryable: false, details: { gpuModelId: L40S, need: 9, largestNode: 8 } });
  for (const { id } of taken.map((answer) => dataOf(answer).requestInstance.instance)) {
    await tenant.reaches(id, 'RUNNING');
    await tenant.end(id);
  }
});

/** Moves the end of a request's time into the past, as if it had been asked for long ago. */
async function passTime(approvalId: string): Promise<void> {
  const long = new Date(0);
  const { prisma } = fleet.fleet.core.database;
  await prisma.$transaction(async (tx) => {
    // Only an administrator of the database can: the runtime role may not change events.
    await tx.$executeRaw`SET LOCAL ROLE NONE`;
    await tx.$executeRaw`
      UPDATE eventlog.event SET data = jsonb_set(data, '{ask,expiresAt}', to_jsonb(${long.toISOString()}::text))
      WHERE stream_id = ${approvalId} AND type = 'ApprovalRequested'`;
  });
}

test('an approval is not decided by who asked, without the right, or after its time, which then ends what waits', async () => {
  const tenant = await createTenant(fleet, { quotas: { [L40S]: 8 } });
  const asked = await tenant.researcher.run<{
    requestInstance: { instance: { id: string }; approval: { id: string } };
  }>('RequestInstance', input({ request: tenant.request(L40S, 5) }));
  const { instance, approval } = dataOf(asked).requestInstance;
  const { id } = approval;
  const status = 'query ($id: ID!) { approval(id: $id) { status } }';
  const statusOf = async () =>
    dataOf(await admin.send<{ approval: { status: string } | null }>(status, { id })).approval?.status;
  await until('it waits', async () => (await statusOf()) === 'PENDING');

  const decide = (client: Client, fields: object = {}) =>
    client.run('DecideApproval', input({ id, decision: 'APPROVE', ...fields }));
  await refused('FORBIDDEN', () => decide(tenant.researcher));
  const auditor = await fleet.as('auditor');
  await refused('FORBIDDEN', () => decide(auditor));
  const approver = await fleet.as('model-approver');
  await refused('NOT_FOUND', () => decide(approver));
  await refused('CONFLICT', () => decide(admin, { expectedVersion: 7 }));
  await refused('BAD_USER_INPUT', () => decide(admin, { decision: 'MAYBE' }));
  const long = await refused('BAD_USER_INPUT', () => decide(admin, { comment: 'c'.repeat(10_240) }));
  expect(long.details).toMatchObject({ faults: [{ path: ['input', 'comment'] }] });

  await passTime(id);
  const late = await refused('ILLEGAL_TRANSITION', () => decide(admin));
  expect(late.details).toEqual({ id, state: 'EXPIRED', allowed: [] });
  const { prisma } = fleet.fleet.core.database;
  await prisma.timer.updateMany({ where: { key: id }, data: { dueAt: new Date(0) } });
  await tenant.reaches(instance.id, 'FAILED');
  expect(await statusOf()).toBe('EXPIRED');
  await refused('ILLEGAL_TRANSITION', () => decide(admin));
});

test('what the state or the version does not allow is refused with the state, the commands or the version', async () => {
  const tenant = await createTenant(fleet, { quotas: { [L40S]: 1 } });
  const { researcher } = tenant;
  const { id } = dataOf(await tenant.requestInstance(L40S, 1)).requestInstance.instance;
  await tenant.reaches(id, 'RUNNING');
  const start = await refused('ILLEGAL_TRANSITION', () => researcher.run('StartInstance', input({ id })));
  expect(start.details).toMatchObject({ state: 'RUNNING', allowed: ['stopInstance', 'terminateInstance'] });
  const stale = await refused('CONFLICT', () =>
    researcher.run('StopInstance', input({ id, expectedVersion: 1 })),
  );
  expect(stale.details).toMatchObject({ id, expectedVersion: 1, version: expect.any(Number) as number });

  await tenant.end(id);
  for (const name of ['StopInstance', 'StartInstance', 'TerminateInstance']) {
    const ended = await refused('ILLEGAL_TRANSITION', () => researcher.run(name, input({ id })));
    expect(ended.details).toMatchObject({ state: 'TERMINATED', allowed: [] });
  }
  const { projectId } = tenant;
  const nominal = { projectId, gpuModelId: L40S, nominal: 2 };
  await refused('CONFLICT', () => admin.run('SetQuota', input({ ...nominal, expectedVersion: 7 })));
});

test('a plan whose quota has changed is refused with the new plan, whose hash is accepted', async () => {
  const tenant = await createTenant(fleet, { quotas: { [L40S]: 2 } });
  const request = tenant.request(L40S, 1);
  type Plan = { planInstance: { planHash: string } };
  const { planHash } = dataOf(
    await tenant.researcher.run<Plan>('PlanInstance', { input: request }),
  ).planInstance;
  dataOf(await admin.run('SetQuota', input({ projectId: tenant.projectId, gpuModelId: L40S, nominal: 1 })));
  tenant.researcher.follow(admin);
  const ask = (hash: string) =>
    tenant.researcher.run<{ requestInstance: { instance: { id: string } } }>(
      'RequestInstance',
      input({ request, planHash: hash }),
    );
  const stale = await refused('PLAN_STALE', () => ask(planHash));
  const { plan } = stale.details as { plan: { planHash: string; quotaEffect: object[] } };
  expect(plan.planHash).not.toBe(planHash);
  expect(plan.quotaEffect).toEqual([{ gpuModelId: L40S, nominal: 1, used: 0, requested: 1 }]);
  const { id } = dataOf(await ask(plan.planHash)).requestInstance.instance;
  await tenant.reaches(id, 'RUNNING');
  await tenant.end(id);
});

test.each([
  ['auditor', 'RequestInstance'],
  ['finops', 'RequestInstance'],
  ['operator', 'RequestInstance'],
  ['model-approver', 'RequestInstance'],
  ['auditor', 'SubmitJob'],
  ['finops', 'SubmitJob'],
  ['operator', 'SubmitJob'],
  ['model-approver', 'SubmitJob'],
  ['vision-researcher', 'CreateProject'],
  ['vision-admin', 'CreateProject'],
  ['operator', 'CreateProject'],
  ['vision-admin', 'SetQuota'],
  ['vision-researcher', 'SetQuota'],
  ['vision-researcher', 'BindRole'],
  ['auditor', 'BindRole'],
  ['vision-admin', 'CreateBudget'],
  ['auditor', 'CreateBudget'],
  ['auditor', 'RegisterModel'],
  ['operator', 'RegisterModel'],
])('%s may see vision and is forbidden to run %s there', async (username, name) => {
  const client = await fleet.as(username);
  type Seen = { me: { id: string; projects: { edges: { node: { id: string; key: string } }[] } } };
  const { me } = dataOf(await client.run<Seen>('Me'));
  const projectId = me.projects.edges.find(({ node }) => node.key === 'vision')?.node.id ?? '';
  const request = { projectId, name: 'n', image: 'i', gpu: { modelIn: [H100], count: 1 } };
  const inputs: Record<string, object> = {
    RequestInstance: { request },
    SubmitJob: { request: { ...request, command: [], maxRuntime: 'PT1H' } },
    CreateProject: { key: 'mine', name: 'Mine' },
    SetQuota: { projectId, gpuModelId: H100, nominal: 99 },
    BindRole: { projectId, role: 'Researcher', subject: { userId: me.id } },
    CreateBudget: { projectId, period: 'YEAR', amount: usd('1') },
    RegisterModel: { projectId, name: 'm' },
  };
  const refusal = await refused('FORBIDDEN', () => client.run(name, input(inputs[name] ?? {})));
  expect(refusal.details.permission).toMatch(/:/);
});

test("a colleague's instance is neither stopped nor ended by a researcher, but by the project's administrator", async () => {
  const tenant = await createTenant(fleet, { quotas: { [L40S]: 1 } });
  const users = await admin.run<{ users: { edges: { node: { id: string } }[] } }>('Users', {
    search: 'speech-researcher',
    first: 1,
  });
  const userId = dataOf(users).users.edges[0]?.node.id;
  const role = { subject: { userId }, role: 'Researcher', projectId: tenant.projectId };
  dataOf(await admin.run('BindRole', input(role)));
  const colleague = (await fleet.as('speech-researcher')).follow(admin);
  const { id } = dataOf(await tenant.requestInstance(L40S, 1)).requestInstance.instance;
  colleague.follow(tenant.researcher);
  for (const name of ['StopInstance', 'TerminateInstance'])
    await refused('FORBIDDEN', () => colleague.run(name, input({ id })));
  await tenant.reaches(id, 'RUNNING');
  dataOf(await admin.run('TerminateInstance', input({ id })));
  await tenant.reaches(id, 'TERMINATED');
});

const project = { key: 'fine', name: 'Fine' };
test.each<[string, string, object, string]>([
  ['a key that is no DNS label', 'CreateProject', { ...project, key: 'Not_A_Label' }, 'key'],
  ['a key of 64 characters', 'CreateProject', { ...project, key: 'k'.repeat(64) }, 'key'],
  ['an empty key', 'CreateProject', { ...project, key: '' }, 'key'],
  ['a name of 10 kB', 'CreateProject', { ...project, name: 'n'.repeat(10_240) }, 'name'],
  ['an empty name', 'CreateProject', { ...project, name: '' }, 'name'],
  [
    'an idempotency key of 256',
    'CreateProject',
    { ...project, idempotencyKey: 'k'.repeat(256) },
    'idempotencyKey',
  ],
  ['an empty idempotency key', 'CreateProject', { ...project, idempotencyKey: '' }, 'idempotencyKey'],
  ['a negative quota', 'SetQuota', { gpuModelId: H100, nominal: -1 }, 'nominal'],
  ['a quota for no model', 'SetQuota', { gpuModelId: 'abacus', nominal: 1 }, 'gpuModelId'],
  ['a negative budget', 'CreateBudget', { period: 'YEAR', amount: usd('-1') }, 'amount'],
  [
    'money in another currency',
    'CreateBudget',
    { period: 'YEAR', amount: { amount: '1', currency: 'BTC' } },
    'amount',
  ],
  ['a role that nobody has', 'BindRole', { role: 'Emperor', subject: { userId: 'user_1' } }, 'role'],
  [
    'a role for two at once',
    'BindRole',
    { role: 'Researcher', subject: { userId: 'a', teamId: 'b' } },
    'subject',
  ],
  ['a role for nobody', 'BindRole', { role: 'Researcher', subject: {} }, 'subject'],
  ['a model name of 10 kB', 'RegisterModel', { name: 'm'.repeat(10_240) }, 'name'],
])('%s is refused with the path of the fault', async (_what, name, fields, field) => {
  const projectId = name === 'CreateProject' ? {} : { projectId: await visionId() };
  const refusal = await refused('BAD_USER_INPUT', () => admin.run(name, input({ ...projectId, ...fields })));
  const { faults } = refusal.details as { faults: { path: string[]; message: string }[] };
  expect(faults[0]?.path.slice(0, 2)).toEqual(['input', field]);
});

const gpu = { modelIn: [H100], count: 1 };
test.each<[string, object, string[]]>([
  ['a negative count', { gpu: { ...gpu, count: -1 } }, ['gpu', 'count']],
  ['no GPU', { gpu: { ...gpu, count: 0 } }, ['gpu', 'count']],
  ['65 GPUs', { gpu: { ...gpu, count: 65 } }, ['gpu', 'count']],
  ['no model', { gpu: { ...gpu, modelIn: [] } }, ['gpu', 'modelIn']],
  ['a model that is not in the catalogue', { gpu: { ...gpu, modelIn: ['abacus'] } }, ['gpu', 'modelIn']],
  ['an empty name', { name: '' }, ['name']],
  ['a name of 10 kB', { name: 'n'.repeat(10_240) }, ['name']],
  ['an image with white space', { image: 'a b' }, ['image']],
  ['port 0', { ports: [{ name: 'http', port: 0 }] }, ['ports']],
  ['a port name that Kubernetes refuses', { ports: [{ name: 'HTTP!', port: 80 }] }, ['ports']],
  [
    'two ports of one name',
    {
      ports: [
        { name: 'a', port: 1 },
        { name: 'a', port: 2 },
      ],
    },
    ['ports'],
  ],
  ['negative memory', { memoryMiB: -5 }, ['memoryMiB']],
  ['a label that Kubernetes refuses', { labels: [{ key: '-', value: '§' }] }, ['labels']],
  ['a variable that is none', { env: [{ key: '1=2', value: '' }] }, ['env']],
])(
  'an instance with %s is refused with the path of the fault, planned or requested',
  async (_what, fields, path) => {
    const client = await fleet.as('vision-researcher');
    const request = { projectId: await visionId(), name: 'n', image: 'i', gpu, ...fields };
    type Faults = { faults: { path: string[] }[] };
    const asked = await refused('BAD_USER_INPUT', () => client.run('RequestInstance', input({ request })));
    expect((asked.details as Faults).faults[0]?.path.slice(0, 2 + path.length)).toEqual([
      'input',
      'request',
      ...path,
    ]);
    const planned = await refused('BAD_USER_INPUT', () => client.run('PlanInstance', { input: request }));
    expect((planned.details as Faults).faults[0]?.path.slice(0, 1 + path.length)).toEqual(['input', ...path]);
  },
);

test.each<[string, object, string[]]>([
  ['65 GPUs', { gpu: { ...gpu, count: 65 } }, ['gpu', 'count']],
  ['a model twice', { gpu: { ...gpu, modelIn: [H100, H100] } }, ['gpu', 'modelIn']],
  ['a month to run', { maxRuntime: 'P1M' }, ['maxRuntime']],
  ['no time to run', { maxRuntime: 'PT0S' }, ['maxRuntime']],
  ['a negative priority', { priority: -1 }, ['priority']],
  ['an argument of 40 kB', { command: ['a'.repeat(40_960)] }, ['command']],
  ['a label that is ours', { labels: [{ key: 'fleetgraph.dev/job', value: 'mine' }] }, ['labels']],
])(
  'a job with %s is refused with the path of the fault, planned or submitted',
  async (_what, fields, path) => {
    const client = await fleet.as('vision-researcher');
    const job = { projectId: await visionId(), name: 'n', image: 'i', gpu, command: [], maxRuntime: 'PT1H' };
    const request = { ...job, ...fields };
    type Faults = { faults: { path: string[] }[] };
    const asked = await refused('BAD_USER_INPUT', () => client.run('SubmitJob', input({ request })));
    expect((asked.details as Faults).faults[0]?.path.slice(2, 2 + path.length)).toEqual(path);
    const planned = await refused('BAD_USER_INPUT', () => client.run('PlanJob', { input: request }));
    expect((planned.details as Faults).faults[0]?.path.slice(1, 1 + path.length)).toEqual(path);
  },
);

test('a job that can never run is refused with what would be possible, and one that has ended is not cancelled', async () => {
  const tenant = await createTenant(fleet, { quotas: { [L40S]: 20 } });
  const { projectId, researcher } = tenant;
  const submit = (count: number) => {
    const job = { projectId, name: 'train', image: 'i', command: [], maxRuntime: 'PT1H' };
    const request = { ...job, gpu: { modelIn: [L40S], count } };
    return researcher.run<{ submitJob: { job: { id: string } } }>('SubmitJob', input({ request }));
  };
  const large = await refused('UNSATISFIABLE', () => submit(9));
  expect(large.details).toEqual({
    need: 9,
    possible: [{ gpuModelId: L40S, nominal: 20, devices: 8, possible: 8 }],
  });
  // More than four need an approval: it waits for that.
  const { id } = dataOf(await submit(5)).submitJob.job;
  await refused('CONFLICT', () => researcher.run('CancelJob', input({ id, expectedVersion: 1 })));
  dataOf(await researcher.run('CancelJob', input({ id })));
  const again = await refused('ILLEGAL_TRANSITION', () => researcher.run('CancelJob', input({ id })));
  expect(again.details).toEqual({ id, state: 'CANCELLED', allowed: [] });
});

test.each([
  ['SetQuota', { projectId: NOWHERE, gpuModelId: H100, nominal: 1 }],
  ['CreateBudget', { projectId: NOWHERE, period: 'MONTH', amount: usd('1') }],
  ['BindRole', { projectId: NOWHERE, role: 'Researcher', subject: { userId: 'user_1' } }],
  ['BindRole', { role: 'Researcher', subject: { userId: 'user_nobody' } }],
  ['CreateProject', { key: 'orphan', name: 'Orphan', parentId: NOWHERE }],
  ['RegisterModel', { projectId: NOWHERE, name: 'm' }],
  ['RevokeRole', { id: 'role-binding_none' }],
  ['UpdateBudget', { id: 'budget_none', amount: usd('1') }],
  ['StopInstance', { id: 'instance_none' }],
  ['StartInstance', { id: 'instance_none' }],
  ['TerminateInstance', { id: 'instance_none' }],
  [
    'SubmitJob',
    { request: { projectId: NOWHERE, name: 'n', image: 'i', gpu, command: [], maxRuntime: 'PT1H' } },
  ],
  ['CancelJob', { id: 'job_none' }],
  ['RequestInstance', { request: { projectId: NOWHERE, name: 'n', image: 'i', gpu } }],
  ['DecideApproval', { id: 'approval_none', decision: 'APPROVE' }],
])('%s of what does not exist is refused with NOT_FOUND', async (name, fields) => {
  const refusal = await refused('NOT_FOUND', () => admin.run(name, input(fields)));
  expect(refusal.details).toMatchObject({
    kind: expect.any(String) as string,
    id: expect.any(String) as string,
  });
});

test('a key or a name that is taken is refused', async () => {
  expect(
    (
      await refused('PROJECT_KEY_TAKEN', () =>
        admin.run('CreateProject', input({ key: 'vision', name: 'V' })),
      )
    ).details,
  ).toEqual({ key: 'vision' });
  const budget = { projectId: await visionId(), period: 'MONTH', amount: usd('9') };
  await refused('BUDGET_EXISTS', () => admin.run('CreateBudget', input(budget)));
});

test.each([
  ['an unknown field', '{ me { shoeSize } }', {}, 'GRAPHQL_VALIDATION_FAILED'],
  ['a syntax error', '{ me {', {}, 'GRAPHQL_PARSE_FAILED'],
  [
    'an unknown argument',
    '{ gpus(first: 1, colour: "red") { totalCount } }',
    {},
    'GRAPHQL_VALIDATION_FAILED',
  ],
  [
    'a wrong enum',
    '{ gpus(first: 1, filter: { health: SPLENDID }) { totalCount } }',
    {},
    'GRAPHQL_VALIDATION_FAILED',
  ],
  ['a missing variable', 'query ($id: ID!) { instance(id: $id) { id } }', {}, 'BAD_USER_INPUT'],
  [
    'a wrong enum in a variable',
    'query ($f: GpuFilter) { gpus(first: 1, filter: $f) { totalCount } }',
    { f: { health: 'SPLENDID' } },
    'BAD_USER_INPUT',
  ],
  [
    'an unknown field in a variable',
    'query ($f: GpuFilter) { gpus(first: 1, filter: $f) { totalCount } }',
    { f: { colour: 'red' } },
    'BAD_USER_INPUT',
  ],
  ['a page of 101', '{ gpus(first: 101) { totalCount } }', {}, 'BAD_USER_INPUT'],
  ['a negative page', '{ gpus(first: -1) { totalCount } }', {}, 'BAD_USER_INPUT'],
  ['a cursor that is none', '{ gpus(first: 1, after: "x") { totalCount } }', {}, 'BAD_USER_INPUT'],
  [
    'the entities of subgraphs',
    '{ _entities(representations: []) { __typename } }',
    {},
    'GRAPHQL_VALIDATION_FAILED',
  ],
  ['the SDL of a subgraph', '{ _service { sdl } }', {}, 'GRAPHQL_VALIDATION_FAILED'],
])('a document with %s is refused', async (_what, query, variables, code) => {
  const client = await fleet.as('vision-researcher');
  await refused(code, () => client.send(query, variables));
});

test('a dry run decides as the real one, answers without event and version, and stores nothing', async () => {
  const tenant = await createTenant(fleet, { quotas: { [L40S]: 1 }, monthlyBudget: '10' });
  const { projectId } = tenant;
  const before = await storedByPeople(fleet);
  const dry = async (client: Client, name: string, fields: object) => {
    const data = dataOf(
      await client.run<Record<string, { eventId: null }>>(name, input({ ...fields, dryRun: true })),
    );
    expect(Object.values(data)[0]).toMatchObject({ eventId: null });
  };
  await dry(tenant.researcher, 'RequestInstance', { request: tenant.request(L40S, 1) });
  await dry(admin, 'CreateProject', { key: 'dry', name: 'Dry' });
  await dry(admin, 'SetQuota', { projectId, gpuModelId: L40S, nominal: 5 });
  await dry(admin, 'CreateBudget', { projectId, period: 'YEAR', amount: usd('1') });
  await dry(tenant.researcher, 'RegisterModel', { projectId, name: 'dry' });
  expect(await storedByPeople(fleet)).toEqual(before);
  await refused('QUOTA_EXCEEDED', () =>
    tenant.researcher.run('RequestInstance', input({ request: tenant.request(L40S, 2), dryRun: true })),
  );
  const key = newKey();
  const real = { key: 'dry', name: 'Dry', idempotencyKey: key };
  dataOf(await admin.run('CreateProject', input({ ...real, dryRun: true })));
  dataOf(await admin.run('CreateProject', input(real)));
});

async function visionId(): Promise<string> {
  const answer = await admin.send<{ projectByKey: { id: string } }>('{ projectByKey(key: "vision") { id } }');
  return dataOf(answer).projectByKey.id;
}
