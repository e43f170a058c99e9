import { expect, test } from 'vitest';
import { type Answer, dataOf, newKey, refusalOf } from '../testkit/fleet.js';
import { createTenant } from '../testkit/tenant.js';
import { until } from '../testkit/until.js';
import type { Setting } from './documents.suite.js';

const H100 = 'h100-sxm5-80gb';

type Tick = { costTicker: { at: string; accrued: { amount: string }; ratePerHour: { amount: string } } };
type Alert = {
  budgetAlerts: {
    cursor: string;
    thresholdPercent: number | null;
    action: string;
    budget: { id: string; status: string };
  };
};

/** What comes of a subscription, item by item. */
async function nextOf<Data>(feed: AsyncIterator<Answer<Data>>): Promise<Data> {
  const { value, done } = await feed.next();
  if (done) throw new Error('The feed ended');
  return dataOf(value as Answer<Data>);
}

async function untilRate(feed: AsyncIterator<Answer<Tick>>, rate: string): Promise<Tick['costTicker']> {
  for (;;) {
    const { costTicker } = await nextOf(feed);
    if (costTicker.ratePerHour.amount === rate) return costTicker;
  }
}

const COST = 'query Cost($id: ID!) { instance(id: $id) { cost { accrued { amount } } } }';
const BUDGETS = 'query Budgets($id: ID!) { project(id: $id) { budgets { id } } }';

/** What projects and things cost while they run, and what budgets report. */
export function moneySuite({ fleet }: Setting): void {
  test('a ticker tells what a project costs from its first device to its last, and a query says the same', async () => {
    const tenant = await createTenant(fleet(), { quotas: { [H100]: 1 } });
    const { projectId, researcher } = tenant;
    const ofProject = researcher.subscribe<Tick>('CostTicker', { scope: { projectId } });
    expect(await nextOf(ofProject)).toMatchObject({
      costTicker: {
        accrued: { amount: '0', currency: 'USD' },
        ratePerHour: { amount: '0', currency: 'USD' },
      },
    });
    const { instance } = dataOf(await tenant.requestInstance(H100, 1)).requestInstance;
    const opened = await untilRate(ofProject, '2.99');
    const { costTicker: tick } = await nextOf(ofProject);
    const passedMs = Date.parse(tick.at) - Date.parse(opened.at);
    expect(passedMs).toBeGreaterThanOrEqual(990);
    const grown = Number(tick.accrued.amount) - Number(opened.accrued.amount);
    expect(grown).toBeCloseTo((passedMs * 2.99) / 3_600_000, 8);

    const instanceId = instance.id;
    const ofInstance = researcher.subscribe<Tick>('CostTicker', { scope: { instanceId } });
    expect(await nextOf(ofInstance)).toMatchObject({ costTicker: { ratePerHour: { amount: '2.99' } } });
    const stranger = await fleet().as('speech-researcher');
    for (const scope of [{ instanceId }, { projectId }]) {
      const { value } = await stranger.subscribe('CostTicker', { scope }).next();
      expect(refusalOf(value as Answer<unknown>)?.code).toBe('NOT_FOUND');
    }
    const { value: faulty } = await researcher.subscribe('CostTicker', { scope: {} }).next();
    expect(refusalOf(faulty as Answer<unknown>)?.code).toBe('BAD_USER_INPUT');

    await tenant.reaches(instanceId, 'RUNNING');
    await tenant.end(instanceId);
    const [last, ofIt] = [await untilRate(ofProject, '0'), await untilRate(ofInstance, '0')];
    expect(ofIt.accrued).toEqual(last.accrued);
    type Cost = { instance: { cost: { accrued: { amount: string } } } };
    await until('a query says the same', async () => {
      const { instance: asked } = dataOf(await researcher.send<Cost>(COST, { id: instanceId }));
      return asked.cost.accrued.amount === last.accrued.amount;
    });
    await Promise.all([ofProject.return?.(), ofInstance.return?.()]);
  });

  test('a budget reports each threshold once, and admits nothing new when all is spent', async () => {
    const tenant = await createTenant(fleet(), { quotas: { [H100]: 2 }, monthlyBudget: '100' });
    const { projectId, researcher } = tenant;
    type Budgets = { project: { budgets: { id: string }[] } };
    const { project } = dataOf(await researcher.send<Budgets>(BUDGETS, { id: projectId }));
    const id = project.budgets[0]?.id ?? '';
    const feed = researcher.subscribe<Alert>('BudgetAlerts', { projectId });
    const first = nextOf(feed);
    const { instance } = dataOf(await tenant.requestInstance(H100, 1)).requestInstance;
    await tenant.reaches(instance.id, 'RUNNING');
    const finops = await fleet().as('finops');
    const update = { id, amount: { amount: '0.0001', currency: 'USD' }, idempotencyKey: newKey() };
    dataOf(await finops.run('UpdateBudget', { input: update }));

    const alerts = [(await first).budgetAlerts];
    while (alerts.length < 4) alerts.push((await nextOf(feed)).budgetAlerts);
    await feed.return?.();
    expect(alerts.map(({ thresholdPercent, action }) => [thresholdPercent, action])).toEqual([
      [50, 'WARN'],
      [80, 'WARN'],
      [90, 'WARN'],
      [100, 'BLOCK_NEW'],
    ]);
    expect(new Set(alerts.map(({ budget }) => budget.id))).toEqual(new Set([id]));
    expect(alerts.at(-1)?.budget.status).toBe('EXCEEDED');
    const after = alerts[1]?.cursor;
    const resumed = researcher.subscribe<Alert>('BudgetAlerts', { projectId, after });
    expect(await nextOf(resumed)).toMatchObject({ budgetAlerts: { cursor: alerts[2]?.cursor } });
    await resumed.return?.();

    expect(refusalOf(await tenant.requestInstance(H100, 1))?.code).toBe('BUDGET_EXCEEDED');
    expect(await tenant.state(instance.id)).toBe('RUNNING');
    const stranger = await fleet().as('speech-researcher');
    const { value } = await stranger.subscribe('BudgetAlerts', { projectId }).next();
    expect(refusalOf(value as Answer<unknown>)?.code).toBe('NOT_FOUND');
    await tenant.end(instance.id);
  });
}
