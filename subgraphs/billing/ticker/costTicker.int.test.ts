import { expect, test } from 'vitest';
import { dataOf, person } from '../../../test/testkit/subgraphHarness.js';
import { until } from '../../../test/testkit/until.js';
import type { Principal } from '../../../platform/identity/principal.js';
import {
  addProject,
  type BillingHarness,
  closeAllocation,
  finops,
  holder,
  longStandingPrices,
  openAllocation,
  openFeed,
  startBilling,
  submitJob,
  useDevices,
} from '../billing.fixture.js';
import { toText } from '../money.js';
import { costOf } from '../usage/rating.js';
import { readPrices, readUsageOfOwners, readUsageOfProjects } from '../usage/usage.repository.js';

const TICKER = `subscription ($scope: CostScopeInput!) { costTicker(scope: $scope) {
  at accrued { amount currency } ratePerHour { amount currency } } }`;

type Tick = { at: string; accrued: { amount: string }; ratePerHour: { amount: string } };

const watch = (harness: BillingHarness, scope: object, principal: Principal = finops()) =>
  openFeed<Tick>(harness, { document: TICKER, field: 'costTicker', variables: { scope } }, principal);

/** A ticker may be ahead of what queries know. */
const metered = ({ database }: BillingHarness, count: number) =>
  until('the allocations are metered', async () => (await database.prisma.usage.count()) === count);

/** The first tick with that rate. */
async function untilRate({ next }: ReturnType<typeof watch>, rate: string): Promise<Tick> {
  for (;;) {
    const tick = await next();
    if (tick.ratePerHour.amount === rate) return tick;
  }
}

test('a ticker tells what a query at the same moment would, from the first device to the last', async () => {
  await using harness = await startBilling();
  await longStandingPrices(harness);
  const { prisma } = harness.database;
  const projectId = await addProject(harness);
  await submitJob(harness, 'job_1', projectId);
  await useDevices(harness, { ownerId: 'job_1', projectId });
  const costAt = async ({ at }: Tick) => {
    const window = { from: -Infinity, to: Date.parse(at) };
    return toText(costOf(await readUsageOfOwners(prisma, ['job_1']), await readPrices(prisma), window));
  };

  await using ticker = watch(harness, { jobId: 'job_1' });
  expect(await ticker.next()).toMatchObject({
    accrued: { amount: '0.0299', currency: 'USD' },
    ratePerHour: { amount: '0', currency: 'USD' },
  });
  const from = new Date();
  const allocation = await openAllocation(harness, { ownerId: 'job_1', projectId, from });
  const opened = await untilRate(ticker, '2.99');
  const tick = await ticker.next();
  expect(Date.parse(tick.at) - Date.parse(opened.at)).toBeGreaterThanOrEqual(990);
  await metered(harness, 2);
  for (const seen of [opened, tick]) expect(seen.accrued.amount).toBe(await costAt(seen));
  const nanosPerMs = 2_990_000_000n / 3_600_000n;
  const leastNanos = 29_900_000n + BigInt(Date.parse(tick.at) - from.getTime()) * nanosPerMs;
  expect(Number(tick.accrued.amount)).toBeGreaterThanOrEqual(Number(leastNanos) / 1e9);

  await closeAllocation(harness, allocation, new Date());
  const closed = await untilRate(ticker, '0');
  const cost = `{ _entities(representations: [{ __typename: "Job", id: "job_1" }]) { ... on Job { cost { accrued { amount } } } } }`;
  expect(dataOf(await harness.as(finops())(cost))).toEqual({
    _entities: [{ cost: { accrued: { amount: closed.accrued.amount } } }],
  });
});

test('the ticker of a project counts all below it, also what was created after it was opened', async () => {
  await using harness = await startBilling();
  await longStandingPrices(harness);
  const { prisma } = harness.database;
  const root = await addProject(harness);
  const child = await addProject(harness, root);
  const other = await addProject(harness);
  await useDevices(harness, { ownerId: 'instance_1', projectId: child });
  await using ticker = watch(harness, { projectId: root });
  expect(await ticker.next()).toMatchObject({ accrued: { amount: '0.0299' } });
  const open = (ownerId: string, projectId: string) =>
    openAllocation(harness, { ownerId, projectId, from: new Date() });
  await open('instance_2', root);
  await open('deployment_1', other);
  await open('job_1', await addProject(harness, child));
  const tick = await untilRate(ticker, '5.98');
  await metered(harness, 4);
  const projects = await prisma.billingProject.findMany({ where: { lineage: { has: root } } });
  const ids = projects.map(({ id }) => id);
  const window = { from: -Infinity, to: Date.parse(tick.at) };
  const usages = await readUsageOfProjects(prisma, ids, new Date(0));
  expect(tick.accrued.amount).toBe(toText(costOf(usages, await readPrices(prisma), window)));
});

test('what nobody may see is missing to a ticker too, and one thing is asked for', async () => {
  await using harness = await startBilling();
  const projectId = await addProject(harness);
  const maker = person();
  await submitJob(harness, 'job_1', projectId, maker);
  const refusal = async (scope: object, principal: Principal) => {
    await using ticker = watch(harness, scope, principal);
    return ticker.refusal();
  };
  const scope = { jobId: 'job_1' };
  for (const seer of [maker, finops(), holder([], { [projectId]: ['contents:read'] })])
    expect(await refusal(scope, seer)).toBeUndefined();
  const stranger = holder(['project:read', 'fleet:read'], { elsewhere: ['contents:read', 'cost:read'] });
  const missing = (kind: string, id: string) => ({ code: 'NOT_FOUND', details: { kind, id } });
  expect(await refusal(scope, stranger)).toMatchObject(missing('Job', 'job_1'));
  expect(await refusal({ jobId: 'job_none' }, finops())).toMatchObject(missing('Job', 'job_none'));
  expect(await refusal({ instanceId: 'job_1' }, finops())).toMatchObject(missing('Instance', 'job_1'));
  expect(await refusal({ projectId }, stranger)).toMatchObject(missing('Project', projectId));
  expect(await refusal({ projectId: 'project_none' }, finops())).toMatchObject({ code: 'NOT_FOUND' });
  for (const faulty of [{}, { jobId: 'job_1', projectId }, { jobId: null }])
    expect(await refusal(faulty, finops())).toMatchObject({
      code: 'BAD_USER_INPUT',
      details: { faults: [{ path: ['scope'] }] },
    });
});
