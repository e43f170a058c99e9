import { expect, test } from 'vitest';
import { type Caller, dataOf, person, refusalOf } from '../../../test/testkit/subgraphHarness.js';
import {
  addProject,
  type BillingHarness,
  closeAllocation,
  finops,
  holder,
  longStandingPrices,
  openAllocation,
  origin,
  startBilling,
  useDevices,
} from '../billing.fixture.js';

const COSTS = `query ($instances: [_Any!]!) {
  _entities(representations: $instances) {
    ... on Instance { id cost { accrued { amount currency } ratePerHour { amount currency } } }
  }
}`;
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

const costsOf = async (call: Caller, ...ids: string[]) => {
  const instances = ids.map((id) => ({ __typename: 'Instance', id }));
  return dataOf<{ _entities: { cost: object | null }[] }>(await call(COSTS, { instances }))._entities.map(
    ({ cost }) => cost,
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

test('the costs of twenty instances take as many statements as that of one', async () => {
  await using harness = await startBilling();
  await longStandingPrices(harness);
  const projectId = await addProject(harness);
  const ids = Array.from({ length: 20 }, (_, index) => `instance_${index}`);
  for (const ownerId of ids) await useDevices(harness, { ownerId, projectId });
  const call = harness.as(finops());
  const one = await harness.count(() => costsOf(call, 'instance_0'));
  const twenty = await harness.count(() => costsOf(call, ...ids));
  expect(twenty.result).toEqual(ids.map(() => ({ accrued: usd('0.0299'), ratePerHour: usd('0') })));
  expect(one.statements).toBeGreaterThan(0);
  expect(twenty.statements).toBe(one.statements);
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
