import { expect, test } from 'vitest';
import { dataOf, refusalOf } from '../../../test/testkit/subgraphHarness.js';
import {
  comeUp,
  command,
  goAway,
  H100,
  nodeOf,
  people,
  requested,
  requestOf,
  type ResourcesHarness,
  setQuota,
  startResources,
} from '../resources.fixture.js';

/** An instance of two GPUs that ran and was stopped. Billing has not read that yet: its first hold is still live. */
async function stopped(harness: ResourcesHarness): Promise<string> {
  const researcher = harness.as(people.researcher);
  const { id } = (await requested(researcher, requestOf({ gpu: { modelIn: [H100], count: 2 } }))).instance;
  await comeUp(harness, id);
  await command(researcher, 'stopInstance', id);
  await goAway(harness, id);
  return id;
}

test('a start checks quota, budget and capacity again, and a refused one leaves no hold', async () => {
  await using harness = await startResources();
  const researcher = harness.as(people.researcher);
  const id = await stopped(harness);
  const start = async () => refusalOf(await command(researcher, 'startInstance', id));

  await setQuota(harness, 'vision', H100, 1);
  expect(await start()).toMatchObject({ code: 'QUOTA_EXCEEDED', details: { need: 2, free: 1, nominal: 1 } });
  await setQuota(harness, 'vision', H100, 16);
  harness.billing.setBudget('vision', '5.97');
  expect(await start()).toMatchObject({ code: 'BUDGET_EXCEEDED', details: { need: '5.98', free: '5.97' } });
  harness.billing.setBudget('vision', '5.98');
  const broken = nodeOf('h100-1', H100).devices.map((device) => ({ ...device, health: 'FAILURE' as const }));
  await harness.app.nodes.recordNodes(
    ['h100-1', 'h100-2'].map((name) => ({ ...nodeOf(name, H100), devices: broken })),
  );
  expect(await start()).toMatchObject({ code: 'CAPACITY_EXHAUSTED', details: { need: 2, free: 0 } });
  expect(harness.billing.holds.size).toBe(0);

  await harness.app.nodes.recordNodes([nodeOf('h100-2', H100)]);
  expect(dataOf(await command(researcher, 'startInstance', id))).toMatchObject({
    startInstance: { instance: { id, state: 'STARTING' } },
  });
  expect([...harness.billing.holds]).toEqual([[id, { id: 'hold_2', projectId: 'vision', amount: '5.98' }]]);
});

test('of many starts at once one succeeds, and the refused ones do not take its hold away', async () => {
  await using harness = await startResources();
  const id = await stopped(harness);
  const answers = await Promise.all(
    Array.from({ length: 20 }, () => command(harness.as(people.researcher), 'startInstance', id)),
  );
  expect(answers.filter(({ errors }) => !errors)).toHaveLength(1);
  expect(new Set(answers.map((answer) => refusalOf(answer)?.['code']))).toEqual(
    new Set([undefined, 'ILLEGAL_TRANSITION']),
  );
  expect([...harness.billing.holds.keys()]).toEqual([id]);
  expect(await harness.database.prisma.allocation.count({ where: { ownerId: id, closedAt: null } })).toBe(2);
});

test('an instance can be seen as it was', async () => {
  await using harness = await startResources();
  const id = await stopped(harness);
  const events = await harness.app.spine.store.readStream(id);
  const running = events.find(({ type }) => type === 'InstanceRunning');
  const document = `query ($id: ID!, $asOf: DateTime) { instance(id: $id, asOf: $asOf) { state version } }`;
  const asOf = async (time: string) =>
    dataOf(await harness.as(people.researcher)(document, { id, asOf: time }));
  expect(await asOf(running?.occurredAt ?? '')).toEqual({
    instance: { state: 'RUNNING', version: running?.version },
  });
  expect(await asOf('2020-01-01T00:00:00Z')).toEqual({ instance: null });
  expect(await asOf(new Date().toISOString())).toEqual({
    instance: { state: 'STOPPED', version: events.length },
  });
});
