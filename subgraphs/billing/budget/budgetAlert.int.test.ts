import { expect, test } from 'vitest';
import { until } from '../../../test/testkit/until.js';
import type { Principal } from '../../../platform/identity/principal.js';
import {
  addProject,
  type BillingHarness,
  budgetOf,
  finops,
  holder,
  longStandingPrices,
  makeOver,
  openAllocation,
  openFeed,
  origin,
  startBilling,
  useDevices,
} from '../billing.fixture.js';
import { HOLD_CHECK } from '../hold/hold.commands.js';

const ALERTS = `subscription ($projectId: ID!, $after: Cursor) { budgetAlerts(projectId: $projectId, after: $after) {
  cursor at thresholdPercent action budget { id status } } }`;

type Alert = {
  cursor: string;
  at: string;
  thresholdPercent: number | null;
  action: string;
  budget: { id: string; status: string };
};

const open = (
  harness: BillingHarness,
  variables: { projectId: string; after?: string },
  who: Principal = finops(),
) => openFeed<Alert>(harness, { document: ALERTS, field: 'budgetAlerts', variables }, who);

async function take({ next }: ReturnType<typeof open>, count: number): Promise<Alert[]> {
  const alerts: Alert[] = [];
  while (alerts.length < count) alerts.push(await next());
  return alerts;
}

/** What stays: a budget's status is always that of now. */
const places = (alerts: readonly Alert[]) =>
  alerts.map(({ cursor, at }, index) => `${cursor} ${at} ${brief(alerts)[index]}`);

const brief = (alerts: readonly Alert[]) =>
  alerts.map(({ thresholdPercent, action, budget }) => `${budget.id} ${thresholdPercent} ${action}`);

test('each threshold of the own budget and of those above comes once, and a feed goes on behind any of its items', async () => {
  await using harness = await startBilling();
  await longStandingPrices(harness);
  const root = await addProject(harness);
  const child = await addProject(harness, root);
  const other = await addProject(harness);
  const [above, own] = [await budgetOf(harness, root, '0.1'), await budgetOf(harness, child, '0.05')];
  await budgetOf(harness, other, '0.01');
  await using feed = open(harness, { projectId: child });
  const coming = take(feed, 3);
  await useDevices(harness, { ownerId: 'instance_0', projectId: other });
  await useDevices(harness, { ownerId: 'instance_1', projectId: child });
  const first = [`${own} 50 WARN`];
  await until('the first is told', async () => {
    const events = await harness.history('billing').readStream(own);
    return events.some(({ type }) => type === 'BudgetThresholdCrossed');
  });
  await useDevices(harness, { ownerId: 'instance_1', projectId: child });
  const alerts = [...(await coming), ...(await take(feed, 2))];
  expect(brief(alerts).slice(0, 1)).toEqual(first);
  expect(brief(alerts).toSorted()).toEqual(
    [...first, `${own} 80 WARN`, `${own} 90 WARN`, `${own} 100 BLOCK_NEW`, `${above} 50 WARN`].toSorted(),
  );
  expect(alerts.at(-1)).toMatchObject({
    budget: { status: expect.stringMatching(/EXCEEDED|WARNING/) as string },
  });
  for (const [place, { cursor: after }] of alerts.slice(0, -1).entries()) {
    await using resumed = open(harness, { projectId: child, after });
    const rest = alerts.slice(place + 1);
    expect(places(await take(resumed, rest.length))).toEqual(places(rest));
  }
  await using late = open(harness, { projectId: child });
  expect(places(await take(late, alerts.length))).toEqual(places(alerts));

  const member = holder([], { [child]: ['cost:read'] });
  await using narrow = open(harness, { projectId: child }, member);
  expect(brief(await take(narrow, 4))).toEqual(brief(alerts).filter((alert) => alert.startsWith(own)));
});

test('too little money for the next hour of what runs is told, and stops nothing', async () => {
  await using harness = await startBilling();
  await longStandingPrices(harness);
  const projectId = await addProject(harness);
  const budgetId = await budgetOf(harness, projectId, '3');
  const hold = { ownerId: 'instance_1', projectId, amount: '2.99', currency: 'USD' };
  const { holdId } = await harness.app.calls.placeHold(hold, origin);
  await useDevices(harness, { ownerId: 'instance_2', projectId });
  await openAllocation(harness, { ownerId: 'instance_1', projectId, from: new Date() });
  await using feed = open(harness, { projectId });
  const coming = feed.next();
  await until('all is metered', async () => (await harness.database.prisma.usage.count()) === 2);
  await makeOver(harness, holdId);
  const where = { name: HOLD_CHECK, key: holdId };
  await harness.database.prisma.timer.updateMany({ where, data: { dueAt: new Date(0) } });
  expect(await coming).toMatchObject({
    thresholdPercent: null,
    action: 'RENEWAL_REFUSED',
    budget: { id: budgetId, status: 'OK' },
  });
});

test('who may not see a project’s cost is told that there is no such project, and a strange cursor is refused', async () => {
  await using harness = await startBilling();
  const projectId = await addProject(harness);
  const refusal = async (variables: { projectId: string; after?: string }, who: Principal) => {
    await using feed = open(harness, variables, who);
    return feed.refusal();
  };
  const missing = { code: 'NOT_FOUND', details: { kind: 'Project' } };
  expect(await refusal({ projectId }, holder(['project:read', 'fleet:read']))).toMatchObject(missing);
  expect(await refusal({ projectId: 'project_none' }, finops())).toMatchObject(missing);
  expect(await refusal({ projectId, after: 'bm9uZQ' }, finops())).toMatchObject({ code: 'BAD_USER_INPUT' });
});
