import { afterAll, expect, test } from 'vitest';
import type { NodeEvent } from '../../../contracts/resources.events.js';
import { rebuildProjection } from '../../../platform/projection/projection.js';
import { expectLiveEqualsRebuilt } from '../../../test/testkit/liveEqualsRebuilt.js';
import { randomsOf } from '../../../test/testkit/randoms.js';
import { until } from '../../../test/testkit/until.js';
import { projections } from '../readModels.js';
import {
  A100,
  addNode,
  addProject,
  CLUSTER,
  H100,
  setConnectivity,
  setPrices,
  setQuota,
  startScheduling,
} from '../scheduling.fixture.js';
import { createPlanFacts } from './planFacts.reader.js';

const harness = await startScheduling();
afterAll(() => harness[Symbol.asyncDispose]());

const open = (projectId: string, id: string, node: string, index: number) =>
  harness.append('resources', id, {
    type: 'AllocationOpened',
    data: {
      id,
      owner: { kind: 'INSTANCE', id: 'instance_1' },
      projectId,
      gpuId: `${CLUSTER}/${node}/${index}`,
      gpuModelId: node.startsWith('a') ? A100 : H100,
      nodeId: `${CLUSTER}/${node}`,
      basisPoints: 10_000,
      from: '2026-11-21T10:00:00.000Z',
    },
  });

const close = (id: string) =>
  harness.append('resources', id, {
    type: 'AllocationClosed',
    data: { id, to: '2026-11-21T11:00:00.000Z' },
  });

const tellNode = (name: string, event: NodeEvent) => harness.append('resources', `${CLUSTER}/${name}`, event);

/** Waits until everything is read that other contexts have said. */
async function caughtUp(): Promise<void> {
  const { app, history } = harness;
  const positions: Record<string, string> = {};
  for (const { source } of projections) positions[source] = String(await history(source).head());
  await until('all facts are read', () => app.spine.catchUp(positions));
}

const planFacts = createPlanFacts({ database: harness.database, billing: harness.billing });

test('the facts of a plan are limits with their use, prices, and devices that one job could have', async () => {
  await addProject(harness, 'lab');
  await addProject(harness, 'vision', 'lab');
  await addProject(harness, 'speech', 'lab');
  await setQuota(harness, 'lab', H100, 16);
  await setQuota(harness, 'vision', H100, 8);
  await open('speech', 'allocation_1', 'h100-1', 0);
  await open('vision', 'allocation_2', 'h100-1', 1);
  await close('allocation_2');
  await caughtUp();
  const { models, prices } = await planFacts('vision', { modelIn: [H100, A100], count: 16 });
  expect(prices).toMatchObject({ version: 'example-2026-11', currency: 'USD' });
  expect(models[0]).toEqual({
    gpuModelId: H100,
    rate: '2.99',
    nominal: 8,
    used: 0,
    cells: [
      { projectId: 'lab', gpuModelId: H100, nominal: 16, used: 1 },
      { projectId: 'vision', gpuModelId: H100, nominal: 8, used: 0 },
    ],
    capacity: { free: 15, largestNow: 14, largestEver: 16 },
  });
  expect(models[1]).toMatchObject({ nominal: 0, capacity: { free: 8, largestNow: 8, largestEver: 8 } });
});

test('a node that takes no pods and a cluster that does not answer give nothing now', async () => {
  await addProject(harness, 'writing');
  await addNode(harness, 'a100-2', A100);
  const capacity = async () => {
    await caughtUp();
    const { models } = await planFacts('writing', { modelIn: [A100], count: 8 });
    return models[0]?.capacity;
  };
  await tellNode('a100-1', { type: 'NodeCordoned', data: { reason: null } });
  expect(await capacity()).toEqual({ free: 8, largestNow: 8, largestEver: 8 });
  await tellNode('a100-2', { type: 'NodeLost', data: {} });
  expect(await capacity()).toEqual({ free: 0, largestNow: 0, largestEver: 8 });
  await tellNode('a100-1', { type: 'NodeUncordoned', data: {} });
  await setConnectivity(harness, 'OFFLINE');
  expect(await capacity()).toEqual({ free: 0, largestNow: 0, largestEver: 8 });
  await setConnectivity(harness, 'ONLINE');
});

test('a project that nobody created has no plan', async () => {
  await expect(planFacts('nowhere', { modelIn: [H100], count: 1 })).rejects.toMatchObject({
    extensions: { code: 'NOT_FOUND' },
  });
});

test('after a random run rebuilt facts are byte-equal to live ones', async () => {
  const randoms = randomsOf();
  const projects = ['random'];
  await addProject(harness, 'random');
  const allocations: string[] = [];
  const steps: (() => Promise<unknown>)[] = [
    async () => {
      const id = `project_${projects.length}`;
      await addProject(harness, id, projects[randoms.below(projects.length)] ?? null);
      projects.push(id);
    },
    () => setQuota(harness, projects[randoms.below(projects.length)] ?? '', H100, randoms.below(16)),
    () => setPrices(harness, `book-${randoms.next()}`, { [H100]: String(randoms.below(9)) }),
    async () => {
      const id = `allocation_random_${allocations.length}`;
      allocations.push(id);
      await open(projects[randoms.below(projects.length)] ?? '', id, 'h100-1', randoms.below(8));
    },
    async () => {
      const id = allocations[randoms.below(allocations.length)];
      if (id !== undefined) await close(id);
    },
    () => tellNode('h100-1', { type: 'NodeCordoned', data: { reason: null } }),
    () => tellNode('h100-1', { type: 'NodeUncordoned', data: {} }),
    () => tellNode('h100-2', { type: 'NodeLost', data: {} }),
    () => addNode(harness, `h100-${3 + Math.floor(randoms.next() * 1e9)}`, H100, randoms.below(9)),
    () => setConnectivity(harness, randoms.below(2) === 0 ? 'OFFLINE' : 'ONLINE'),
  ];
  for (let step = 0; step < 60; step++) await steps[randoms.below(steps.length)]?.();
  await caughtUp();
  const { database, history } = harness;
  expect(await database.prisma.openAllocation.count(), `seed ${randoms.seed}`).toBeLessThan(60);
  await expectLiveEqualsRebuilt({
    database,
    schema: 'scheduling',
    async rebuild() {
      for (const projection of projections)
        await rebuildProjection({ database, projection, history: history(projection.source) });
    },
  });
}, 120_000);
