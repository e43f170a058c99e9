import { randomUUID } from 'node:crypto';
import { expect, test } from 'vitest';
import type { Principal } from '../../../platform/identity/principal.js';
import { dataOf, refusalOf } from '../../../test/testkit/subgraphHarness.js';
import {
  A100,
  CLUSTER,
  demoNodes,
  H100,
  L40S,
  nodeOf,
  people,
  requested,
  requestInstance,
  requestOf,
  type ResourcesHarness,
  startResources,
} from '../resources.fixture.js';

const FLEET = `query ($first: Int!, $after: String, $filter: GpuFilter) { gpus(first: $first, after: $after, filter: $filter) {
  edges { node { id uuid health memoryMiB model { id name } node { id name zone cluster { id name connectivity } }
    occupant { kind redacted name id } allocations { ownerId } metrics { at utilization } } }
  pageInfo { hasNextPage endCursor } totalCount } }`;

type Occupant = { kind: string; redacted: boolean; name: string | null; id: string | null };
type Fleet = {
  edges: {
    node: {
      id: string;
      occupant: Occupant | null;
      allocations: { ownerId: string }[];
      model: { id: string };
    };
  }[];
  pageInfo: { hasNextPage: boolean; endCursor: string | null };
  totalCount: number;
};

const fleet = async (harness: ResourcesHarness, who: Principal, variables: object = {}) =>
  dataOf<{ gpus: Fleet }>(await harness.as(who)(FLEET, { first: 100, ...variables })).gpus;

const cordon = (
  harness: ResourcesHarness,
  who: Principal,
  id: string,
  name = 'cordonNode',
  more: object = {},
) => {
  const type = name === 'cordonNode' ? 'CordonNodeInput' : 'UncordonNodeInput';
  const document = `mutation ($input: ${type}!) { ${name}(input: $input) { eventId version node { id cordoned schedulable version } } }`;
  return harness.as(who)(document, { input: { id, idempotencyKey: randomUUID(), ...more } });
};

test('the fleet is listed device by device, page by page, and counted', async () => {
  await using harness = await startResources();
  const { researcher } = people;
  const first = await fleet(harness, researcher, { first: 30 });
  const second = await fleet(harness, researcher, { first: 30, after: first.pageInfo.endCursor });
  const ids = [...first.edges, ...second.edges].map(({ node }) => node.id);
  expect({
    first: first.pageInfo.hasNextPage,
    second: second.pageInfo.hasNextPage,
    total: first.totalCount,
  }).toEqual({
    first: true,
    second: false,
    total: 40,
  });
  expect(ids).toEqual([...new Set(ids)]);
  expect(ids).toHaveLength(40);
  expect(first.edges[0]?.node).toMatchObject({
    id: 'eu-1/a100-1/0',
    uuid: null,
    health: 'HEALTHY',
    model: { id: A100, name: 'A100 SXM4 80 GB' },
    node: { name: 'a100-1', cluster: { id: CLUSTER, name: CLUSTER, connectivity: 'ONLINE' } },
    occupant: null,
    metrics: null,
  });
});

test('filters choose by model, health, cluster and occupation', async () => {
  await using harness = await startResources();
  await requested(harness.as(people.researcher), requestOf({ gpu: { modelIn: [H100], count: 3 } }));
  const total = async (filter: object) =>
    (await fleet(harness, people.researcher, { first: 0, filter })).totalCount;
  expect(await total({ modelIn: [H100, L40S] })).toBe(24);
  expect(await total({ occupied: true })).toBe(3);
  expect(await total({ occupied: false, modelIn: [H100] })).toBe(13);
  expect(await total({ health: 'FAILURE' })).toBe(0);
  expect(await total({ clusterId: 'eu-2' })).toBe(0);
});

test('occupants have names for those who see into the project, and only a kind for everybody else', async () => {
  await using harness = await startResources();
  const { instance } = await requested(harness.as(people.researcher));
  const occupied = async (who: Principal) =>
    (await fleet(harness, who, { filter: { occupied: true } })).edges[0]?.node;
  expect(await occupied(people.colleague)).toMatchObject({
    occupant: { kind: 'INSTANCE', redacted: false, name: 'notebook', id: instance.id },
    allocations: [{ ownerId: instance.id }],
  });
  for (const who of [people.operator, people.stranger, people.auditor])
    expect(await occupied(who)).toMatchObject({
      occupant: { kind: 'INSTANCE', redacted: true, name: null, id: null },
      allocations: [],
    });
});

test('who has no role sees neither nodes nor capacity', async () => {
  await using harness = await startResources();
  const answer = await harness.as(people.nobody)(
    `{ gpus(first: 5) { totalCount edges { node { id } } } nodes { totalCount } clusters { id } node(id: "eu-1/h100-1") { id }
       gpu(id: "eu-1/h100-1/0") { id } gpuCatalogue { available } }`,
  );
  expect(dataOf(answer)).toMatchObject({
    gpus: { totalCount: 0, edges: [] },
    nodes: { totalCount: 0 },
    clusters: [],
    node: null,
    gpu: null,
  });
  expect(
    new Set(
      dataOf<{ gpuCatalogue: { available: null }[] }>(answer).gpuCatalogue.map(({ available }) => available),
    ),
  ).toEqual(new Set([null]));
});

test('an operator cordons a node, which then gets nothing new', async () => {
  await using harness = await startResources();
  const { operator, researcher } = people;
  expect(refusalOf(await cordon(harness, researcher, 'eu-1/l40s-1'))).toMatchObject({ code: 'FORBIDDEN' });
  expect(refusalOf(await cordon(harness, operator, 'eu-1/none'))).toMatchObject({ code: 'NOT_FOUND' });
  expect(
    refusalOf(await cordon(harness, operator, 'eu-1/h100-1', 'cordonNode', { expectedVersion: 9 })),
  ).toMatchObject({ code: 'CONFLICT' });
  expect(
    dataOf(await cordon(harness, operator, 'eu-1/h100-1', 'cordonNode', { dryRun: true })),
  ).toMatchObject({
    cordonNode: { eventId: null, version: null, node: { cordoned: true } },
  });
  for (const name of ['h100-1', 'h100-2'])
    expect(dataOf(await cordon(harness, operator, `eu-1/${name}`))).toMatchObject({
      cordonNode: { version: 2, node: { cordoned: true, schedulable: false, version: 2 } },
    });
  expect(refusalOf(await requestInstance(harness.as(researcher)))).toMatchObject({
    code: 'CAPACITY_EXHAUSTED',
    details: { gpuModelId: H100, need: 1, free: 0 },
  });
  expect(refusalOf(await cordon(harness, operator, 'eu-1/h100-1'))).toMatchObject({
    code: 'ILLEGAL_TRANSITION',
    details: { state: 'CORDONED', allowed: ['uncordonNode'] },
  });
  dataOf(await cordon(harness, operator, 'eu-1/h100-1', 'uncordonNode'));
  expect((await requested(harness.as(researcher))).instance.allocations[0]?.gpu.id).toMatch(
    /^eu-1\/h100-1\//,
  );
});

test('a node is lost when a complete list lacks it, never because a list is empty', async () => {
  await using harness = await startResources();
  const { nodes } = harness.app;
  const head = () => harness.app.spine.store.head();
  const before = await head();
  await nodes.recordNodes([]);
  await nodes.recordNodes(demoNodes);
  expect(await head()).toBe(before);
  await nodes.recordNodes(demoNodes.filter(({ name }) => name !== 'l40s-1'));
  expect((await fleet(harness, people.operator)).totalCount).toBe(32);
  expect(
    dataOf(await harness.as(people.operator)(`{ node(id: "eu-1/l40s-1") { lost schedulable } }`)),
  ).toEqual({
    node: { lost: true, schedulable: false },
  });
  await nodes.recordNodes([...demoNodes, nodeOf('l40s-2', L40S, 4)]);
  expect((await fleet(harness, people.operator)).totalCount).toBe(44);
});

test('nothing is placed on a cluster that does not answer', async () => {
  await using harness = await startResources();
  await harness.app.nodes.recordCluster({
    connectivity: 'OFFLINE',
    reason: 'no answer',
    kubernetesVersion: null,
  });
  expect(refusalOf(await requestInstance(harness.as(people.researcher)))).toMatchObject({
    code: 'CAPACITY_EXHAUSTED',
  });
  await harness.app.nodes.recordNodes(demoNodes);
  await requested(harness.as(people.researcher));
});
