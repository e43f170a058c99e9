import { randomUUID } from 'node:crypto';
import { expect, test } from 'vitest';
import { dataOf, person, refusalOf } from '../../../test/testkit/subgraphHarness.js';
import { until } from '../../../test/testkit/until.js';
import {
  addProject,
  type BillingHarness,
  budgetOf,
  createBudget,
  finops,
  holder,
  longStandingPrices,
  origin,
  startBilling,
  useDevices,
} from '../billing.fixture.js';

const BUDGETS = `query ($id: ID!) {
  _entities(representations: [{ __typename: "Project", id: $id }]) {
    ... on Project { budgets { id period status amount { amount } spent { amount } held { amount } } }
  }
}`;
const UPDATE = `mutation ($input: UpdateBudgetInput!) {
  updateBudget(input: $input) { eventId version budget { id status amount { amount } } }
}`;
const BUDGET = `query ($id: ID!, $asOf: DateTime) {
  budget(id: $id, asOf: $asOf) { version amount { amount } availableActions { action allowed } }
}`;

const update = (id: string, amount: string, more: object = {}) => ({
  input: { id, amount: { amount, currency: 'USD' }, idempotencyKey: randomUUID(), ...more },
});

type Budgets = { _entities: [{ budgets: object[] | null }] };

const budgetsOf = async (harness: BillingHarness, id: string) =>
  dataOf<Budgets>(await harness.as(finops())(BUDGETS, { id }))._entities[0].budgets;

test('a budget shows what its project and all below it have spent and hold', async () => {
  await using harness = await startBilling();
  await longStandingPrices(harness);
  const root = await addProject(harness);
  const child = await addProject(harness, root);
  const other = await addProject(harness);
  await budgetOf(harness, root, '10');
  for (const projectId of [root, child, other])
    await useDevices(harness, { ownerId: `instance_${projectId}`, projectId, count: 2 });
  const hold = { ownerId: 'instance_2', projectId: child, amount: '2.50', currency: 'USD' };
  await harness.app.calls.placeHold(hold, origin);
  expect(await budgetsOf(harness, root)).toMatchObject([
    {
      period: 'YEAR',
      status: 'OK',
      amount: { amount: '10' },
      spent: { amount: '0.1196' },
      held: { amount: '2.5' },
    },
  ]);
  expect(await budgetsOf(harness, child)).toEqual([]);
});

test('reaching thresholds is stored once per period, and the status says so', async () => {
  await using harness = await startBilling();
  await longStandingPrices(harness);
  const projectId = await addProject(harness);
  const budgetId = await budgetOf(harness, projectId, '0.05');
  const crossed = async () => {
    const events = await harness.history('billing').readStream(budgetId);
    return events.flatMap(({ data }) => ('percent' in data ? [data.percent] : []));
  };
  await useDevices(harness, { ownerId: 'instance_1', projectId });
  await until('the first threshold is stored', async () => (await crossed()).length > 0);
  expect(await crossed()).toEqual([50]);
  expect(await budgetsOf(harness, projectId)).toMatchObject([{ status: 'WARNING' }]);
  await useDevices(harness, { ownerId: 'instance_1', projectId });
  await until('the others are stored', async () => (await crossed()).length > 1);
  expect(await crossed()).toEqual([50, 80, 90, 100]);
  expect(await budgetsOf(harness, projectId)).toMatchObject([{ status: 'EXCEEDED' }]);
});

test('a budget is created once per project and period, changed, and remembered as it was', async () => {
  await using harness = await startBilling();
  const projectId = await addProject(harness);
  const user = finops();
  const call = harness.as(user);
  const id = await budgetOf(harness, projectId, '100');
  const second = await createBudget(call, projectId, '200');
  expect(refusalOf(second)).toMatchObject({
    code: 'BUDGET_EXISTS',
    details: { projectId, period: 'YEAR', budgetId: id },
  });
  const monthly = await createBudget(call, projectId, '20', { period: 'MONTH', dryRun: true });
  expect(dataOf(monthly)).toMatchObject({
    createBudget: { eventId: null, version: null, budget: { status: 'OK', amount: { amount: '20' } } },
  });
  expect(await harness.database.prisma.budget.count()).toBe(1);

  const stale = await call(UPDATE, update(id, '150', { expectedVersion: 9 }));
  expect(refusalOf(stale)).toMatchObject({ code: 'CONFLICT', details: { id, version: 1 } });
  const variables = update(id, '150', { expectedVersion: 1 });
  const changed = dataOf(await call(UPDATE, variables));
  expect(changed).toMatchObject({ updateBudget: { version: 2, budget: { id, amount: { amount: '150' } } } });
  expect(dataOf(await call(UPDATE, variables))).toEqual(changed);
  const [first] = await harness.history('billing').readStream(id);
  expect(dataOf(await call(BUDGET, { id }))).toMatchObject({
    budget: { version: 2, amount: { amount: '150' } },
  });
  expect(dataOf(await call(BUDGET, { id, asOf: first?.occurredAt }))).toMatchObject({
    budget: { version: 1, amount: { amount: '100' } },
  });
});

test('budgets can be seen by those who see the project, changed by those who may, and by nobody else', async () => {
  await using harness = await startBilling();
  const projectId = await addProject(harness);
  const id = await budgetOf(harness, projectId, '100');
  const stranger = harness.as(holder(['project:read'], { elsewhere: ['contents:read', 'budget:write'] }));
  const member = harness.as(holder([], { [projectId]: ['contents:read'] }));

  expect(dataOf(await stranger(BUDGET, { id }))).toEqual({ budget: null });
  expect(dataOf<Budgets>(await stranger(BUDGETS, { id: projectId }))._entities).toEqual([{ budgets: null }]);
  const entity = `query ($id: ID!) { _entities(representations: [{ __typename: "Budget", id: $id }]) { ... on Budget { id } } }`;
  expect(dataOf(await stranger(entity, { id }))).toEqual({ _entities: [null] });
  expect(refusalOf(await stranger(UPDATE, update(id, '1')))).toMatchObject({ code: 'NOT_FOUND' });
  const outsider = harness.as(holder([], { elsewhere: ['contents:read', 'budget:write'] }));
  expect(refusalOf(await createBudget(outsider, projectId, '1'))).toMatchObject({ code: 'NOT_FOUND' });
  expect(refusalOf(await createBudget(harness.as(finops()), 'project_none', '1'))).toMatchObject({
    code: 'NOT_FOUND',
  });

  expect(dataOf(await member(BUDGET, { id }))).toMatchObject({
    budget: { availableActions: [{ action: 'updateBudget', allowed: false }] },
  });
  const forbidden = { code: 'FORBIDDEN', details: { permission: 'budget:write' } };
  expect(refusalOf(await member(UPDATE, update(id, '1')))).toMatchObject(forbidden);
  for (const caller of [member, stranger])
    expect(refusalOf(await createBudget(caller, projectId, '1', { period: 'MONTH' }))).toMatchObject(
      forbidden,
    );
});

test('bad amounts, currencies and thresholds are refused with the path of the fault', async () => {
  await using harness = await startBilling();
  const projectId = await addProject(harness);
  const call = harness.as(finops());
  const faults: [Promise<Parameters<typeof refusalOf>[0]>, (string | number)[]][] = [
    [createBudget(call, projectId, '-5'), ['input', 'amount', 'amount']],
    [createBudget(call, projectId, '1.0000000001'), ['input', 'amount', 'amount']],
    [
      createBudget(call, projectId, '1', { amount: { amount: '1', currency: 'EUR' } }),
      ['input', 'amount', 'currency'],
    ],
    [createBudget(call, projectId, '1', { thresholds: [] }), ['input', 'thresholds']],
    [
      createBudget(call, projectId, '1', { thresholds: [{ percent: 0, action: 'WARN' }] }),
      ['input', 'thresholds', 0, 'percent'],
    ],
    [createBudget(call, projectId, '1', { idempotencyKey: '' }), ['input', 'idempotencyKey']],
  ];
  for (const [answer, path] of faults)
    expect(refusalOf(await answer)).toMatchObject({
      code: 'BAD_USER_INPUT',
      details: { faults: [{ path }] },
    });
  expect(await harness.database.prisma.budget.count()).toBe(0);
});

test('the budgets of ten projects take as many statements as those of one', async () => {
  await using harness = await startBilling();
  const ids: string[] = [];
  for (let count = 0; count < 10; count++) ids.push(await addProject(harness));
  for (const id of ids) await budgetOf(harness, id, '10');
  const call = harness.as(person(['cost:read']));
  const query = `query ($projects: [_Any!]!) {
    _entities(representations: $projects) { ... on Project { budgets { id status spent { amount } held { amount } } } }
  }`;
  const statementsFor = async (count: number) => {
    const projects = ids.slice(0, count).map((id) => ({ __typename: 'Project', id }));
    const { result, statements } = await harness.count(() => call(query, { projects }));
    expect(dataOf<Budgets>(result)._entities).toHaveLength(count);
    return statements;
  };
  const one = await statementsFor(1);
  expect(one).toBeGreaterThan(0);
  expect(await statementsFor(10)).toBe(one);
});
