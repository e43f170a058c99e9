import { expect, test } from 'vitest';
import { type Caller, dataOf, person, refusalOf } from '../../../test/testkit/subgraphHarness.js';
import {
  addProject,
  type BillingHarness,
  closeAllocation,
  createVersion,
  finops,
  holder,
  longStandingPrices,
  openAllocation,
  origin,
  requestDeployment,
  startBilling,
  submitJob,
  useDevices,
} from '../billing.fixture.js';

const COSTS = `query ($things: [_Any!]!) {
  _entities(representations: $things) {
    ... on Instance { id cost { ...all } }
    ... on Job { id cost { ...all } }
    ... on Deployment { id cost { ...all } }
    ... on ModelVersion { id trainingCost { ...all } }
  }
}
fragment all on Cost { accrued { amount currency } ratePerHour { amount currency } }`;
const PROJECT = `query ($id: ID!, $from: DateTime!, $to: DateTime!) {
  _entities(representations: [{ __typename: "Project", id: $id }]) {
    ... on Project {
      cost(window: { from: $from, to: $to }) {
        total { amount currency }
        gpuSeconds
        models: groups(by: GPU_MODEL) { key amount { amount } gpuSeconds }
        owners: groups(by: OWNER) { key amount { amount } }
        kinds: groups(by: OWNER_KIND) { key amount { amount } }
        projects: groups(by: PROJECT) { key amount { amount } }
        books: groups(by: PRICE_BOOK) { key amount { amount } }
      }
    }
  }
}`;

const TYPE: Readonly<Record<string, string>> = {
  instance: 'Instance',
  job: 'Job',
  deployment: 'Deployment',
  version: 'ModelVersion',
};

const costsOf = async (call: Caller, ...ids: string[]) => {
  const things = ids.map((id) => ({ __typename: TYPE[id.slice(0, id.indexOf('_'))], id }));
  type Costs = { _entities: { cost?: object | null; trainingCost?: object | null }[] };
  return dataOf<Costs>(await call(COSTS, { things }))._entities.map(
    ({ cost, trainingCost = null }) => cost ?? trainingCost,
  );
};

/** Resources' news of an instance that somebody asked for. */
const requestInstance = (harness: BillingHarness, id: string, projectId: string, by = person()) =>
  harness.append('resources', id, { type: 'InstanceRequested', data: { id } }, { projectId, by });

const usd = (amount: string) => ({ amount, currency: 'USD' });

test('an instance costs what its allocations cost, and its rate is that of the open ones', async () => {
  await using harness = await startBilling();
  await longStandingPrices(harness);
  const projectId = await addProject(harness);
  await requestInstance(harness, 'instance_1', projectId);
  const call = harness.as(finops());
  expect(await costsOf(call, 'instance_1')).toEqual([{ accrued: usd('0'), ratePerHour: usd('0') }]);

  await useDevices(harness, { ownerId: 'instance_1', projectId, count: 2 });
  expect(await costsOf(call, 'instance_1')).toEqual([{ accrued: usd('0.0598'), ratePerHour: usd('0') }]);

  const from = new Date(Date.now() - 3_600_000);
  const open = await openAllocation(harness, { ownerId: 'instance_1', projectId, from });
  const [running] = await costsOf(call, 'instance_1');
  expect(running).toMatchObject({ ratePerHour: usd('2.99') });
  expect(Number((running as { accrued: { amount: string } }).accrued.amount)).toBeGreaterThan(3);

  await closeAllocation(harness, open, new Date(from.getTime() + 1_800_000));
  expect(await costsOf(call, 'instance_1')).toEqual([{ accrued: usd('1.5548'), ratePerHour: usd('0') }]);
});

test('the hold tells whose an instance is before resources has been read', async () => {
  await using harness = await startBilling();
  await longStandingPrices(harness);
  const projectId = await addProject(harness);
  const hold = { ownerId: 'instance_1', projectId, amount: '2.99', currency: 'USD' };
  await harness.app.calls.placeHold(hold, origin);
  const member = harness.as(holder([], { [projectId]: ['contents:read'] }));
  expect(await costsOf(member, 'instance_1')).toEqual([{ accrued: usd('0'), ratePerHour: usd('0') }]);
});

test('a cost is seen by those who see the project’s contents or costs and by whoever made the thing, by nobody else', async () => {
  await using harness = await startBilling();
  await longStandingPrices(harness);
  const projectId = await addProject(harness);
  const maker = person();
  await requestInstance(harness, 'instance_1', projectId, maker);
  await useDevices(harness, { ownerId: 'instance_1', projectId });
  const cost = { accrued: usd('0.0299'), ratePerHour: usd('0') };
  const seers = [
    maker,
    holder(['cost:read']),
    holder([], { [projectId]: ['contents:read'] }),
    holder([], { [projectId]: ['cost:read'] }),
  ];
  for (const seer of seers) expect(await costsOf(harness.as(seer), 'instance_1')).toEqual([cost]);
  const strangers = [
    person(),
    holder(['project:read', 'fleet:read', 'amounts:read', 'model:read']),
    holder([], { elsewhere: ['contents:read', 'cost:read'] }),
  ];
  for (const stranger of strangers)
    expect(await costsOf(harness.as(stranger), 'instance_1', 'instance_none')).toEqual([null, null]);
});

test('jobs and deployments cost what their devices cost, and a version what the job cost that made it', async () => {
  await using harness = await startBilling();
  await longStandingPrices(harness);
  const projectId = await addProject(harness);
  const nothing = { accrued: usd('0'), ratePerHour: usd('0') };
  const call = harness.as(finops());
  await submitJob(harness, 'job_1', projectId);
  await requestDeployment(harness, 'deployment_1', projectId);
  await createVersion(harness, 'version_1', projectId, 'job_1');
  await createVersion(harness, 'version_2', projectId, null);
  const ids = ['job_1', 'deployment_1', 'version_1', 'version_2', 'version_none', 'job_none'];
  expect(await costsOf(call, ...ids)).toEqual([nothing, nothing, nothing, null, null, null]);

  // Two attempts of the job, and a replica that still runs.
  await useDevices(harness, { ownerId: 'job_1', projectId, count: 2 });
  await useDevices(harness, { ownerId: 'job_1', projectId });
  await openAllocation(harness, { ownerId: 'deployment_1', projectId, from: new Date() });
  const trained = { accrued: usd('0.0897'), ratePerHour: usd('0') };
  const [job, deployment, ...versions] = await costsOf(call, ...ids.slice(0, 4));
  expect(job).toEqual(trained);
  expect(deployment).toMatchObject({ ratePerHour: usd('2.99') });
  expect(versions).toEqual([trained, null]);
});

test('what a job and what it made cost is seen by those who see its project’s costs and by whoever submitted it', async () => {
  await using harness = await startBilling();
  await longStandingPrices(harness);
  const projectId = await addProject(harness);
  const maker = person();
  await submitJob(harness, 'job_1', projectId, maker);
  await createVersion(harness, 'version_1', projectId, 'job_1');
  await useDevices(harness, { ownerId: 'job_1', projectId });
  // Nobody has told billing of this one but its devices.
  await useDevices(harness, { ownerId: 'deployment_2', projectId });
  const cost = { accrued: usd('0.0299'), ratePerHour: usd('0') };
  const ids = ['job_1', 'version_1', 'deployment_2'];
  for (const right of ['contents:read', 'cost:read'] as const)
    expect(await costsOf(harness.as(holder([], { [projectId]: [right] })), ...ids)).toEqual([
      cost,
      cost,
      cost,
    ]);
  expect(await costsOf(harness.as(maker), ...ids)).toEqual([cost, cost, null]);
  const stranger = holder(['project:read', 'model:read'], { elsewhere: ['contents:read', 'cost:read'] });
  expect(await costsOf(harness.as(stranger), ...ids)).toEqual([null, null, null]);
});

test('the costs of sixty things of every kind take as many statements as those of one of each', async () => {
  await using harness = await startBilling();
  await longStandingPrices(harness);
  const projectId = await addProject(harness);
  const idsOf = (index: number) =>
    ['instance', 'job', 'deployment', 'version'].map((kind) => `${kind}_${index}`);
  const ids = Array.from({ length: 15 }, (_, index) => idsOf(index)).flat();
  for (const id of ids)
    if (id.startsWith('version')) await createVersion(harness, id, projectId, id.replace('version', 'job'));
    else await useDevices(harness, { ownerId: id, projectId });
  const call = harness.as(finops());
  const few = await harness.count(() => costsOf(call, ...idsOf(0)));
  const many = await harness.count(() => costsOf(call, ...ids));
  expect(many.result).toEqual(ids.map(() => ({ accrued: usd('0.0299'), ratePerHour: usd('0') })));
  expect(few.statements).toBeGreaterThan(0);
  expect(many.statements).toBe(few.statements);
});

test('a project’s cost in a window is that of all below it, and every grouping adds up to it', async () => {
  await using harness = await startBilling();
  await longStandingPrices(harness);
  const root = await addProject(harness);
  const child = await addProject(harness, root);
  const other = await addProject(harness);
  await useDevices(harness, { ownerId: 'instance_1', projectId: root, count: 2 });
  await useDevices(harness, { ownerId: 'instance_2', projectId: child, gpuModelId: 'a100-sxm4-80gb' });
  await useDevices(harness, { ownerId: 'instance_3', projectId: other });
  const now = Date.now();
  const [from, to] = [now - 3_600_000, now + 3_600_000].map((time) => new Date(time).toISOString());
  const window = { from, to };
  const call = harness.as(finops());
  const data = dataOf<{ _entities: unknown[] }>(await call(PROJECT, { id: root, ...window }));
  expect(data._entities).toEqual([
    {
      cost: {
        total: usd('0.0777'),
        gpuSeconds: '108',
        models: [
          { key: 'h100-sxm5-80gb', amount: { amount: '0.0598' }, gpuSeconds: '72' },
          { key: 'a100-sxm4-80gb', amount: { amount: '0.0179' }, gpuSeconds: '36' },
        ],
        owners: [
          { key: 'instance_1', amount: { amount: '0.0598' } },
          { key: 'instance_2', amount: { amount: '0.0179' } },
        ],
        kinds: [{ key: 'INSTANCE', amount: { amount: '0.0777' } }],
        projects: [
          { key: root, amount: { amount: '0.0598' } },
          { key: child, amount: { amount: '0.0179' } },
        ],
        books: [{ key: 'example-2026-11', amount: { amount: '0.0777' } }],
      },
    },
  ]);

  const backwards = await call(PROJECT, { id: root, from: to, to: from });
  expect(refusalOf(backwards)).toMatchObject({
    code: 'BAD_USER_INPUT',
    details: { faults: [{ path: ['window', 'to'] }] },
  });
  const stranger = harness.as(holder(['project:read'], { [other]: ['cost:read'] }));
  expect(dataOf(await stranger(PROJECT, { id: root, ...window }))).toEqual({ _entities: [{ cost: null }] });
});
