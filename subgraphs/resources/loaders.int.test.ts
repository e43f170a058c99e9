import { expect, test } from 'vitest';
import { dataOf } from '../../test/testkit/subgraphHarness.js';
import {
  A100,
  H100,
  L40S,
  people,
  requested,
  requestOf,
  type ResourcesHarness,
  setQuota,
  startResources,
} from './resources.fixture.js';
import { jobSpec, reserve, settle } from './workload/workload.fixture.js';

const PAGE = `id name state version observedAt labels { key value } project { id } createdBy { id kind }
  endpoints { name url } gpuModel { id } node { id cluster { id } }
  allocations { id from to gpu { id uuid model { id name } node { id name } occupant { kind name } } }
  provisioningSteps { name state startedAt endedAt } availableActions { action allowed reason }`;

async function statementsOf(harness: ResourcesHarness, document: string, variables: Record<string, unknown>) {
  const { result, statements } = await harness.count(() =>
    harness.as(people.researcher)(document, variables),
  );
  return { data: dataOf<Record<string, never>>(result), statements };
}

test('fifty instances take as many statements as one, in a list and as references', async () => {
  await using harness = await startResources();
  const researcher = harness.as(people.researcher);
  for (const model of [H100, A100, L40S]) await setQuota(harness, 'vision', model, 40);
  const ids: string[] = [];
  while (ids.length < 40)
    ids.push(
      (await requested(researcher, requestOf({ gpu: { modelIn: [L40S, H100, A100], count: 1 } }))).instance
        .id,
    );

  const list = `query ($first: Int!) { instances(projectId: "vision", first: $first) { edges { node { ${PAGE} } } } }`;
  const one = await statementsOf(harness, list, { first: 1 });
  const many = await statementsOf(harness, list, { first: 50 });
  expect(many.statements).toBe(one.statements);

  const references = `query ($representations: [_Any!]!) { _entities(representations: $representations) { ... on Instance { ${PAGE} } } }`;
  const represent = (wanted: readonly string[]) => ({
    representations: wanted.map((id) => ({ __typename: 'Instance', id })),
  });
  const single = await statementsOf(harness, references, represent(ids.slice(0, 1)));
  const all = await statementsOf(harness, references, represent([...ids, 'instance_none']));
  expect(all.statements).toBe(single.statements);
  expect(all.data['_entities']).toHaveLength(41);
});

test('references to every kind of thing cost one statement per kind, and what is missing is null', async () => {
  await using harness = await startResources();
  const references = `query ($representations: [_Any!]!) { _entities(representations: $representations) {
    __typename ... on Gpu { health } ... on Node { name } ... on Cluster { name } ... on GpuModel { name available } ... on Quota { used held } } }`;
  const representations = [
    ...['eu-1/h100-1/0', 'eu-1/h100-1/1', 'eu-1/a100-1/0', 'none'].map((id) => ({ __typename: 'Gpu', id })),
    ...['eu-1/h100-1', 'eu-1/a100-1', 'none'].map((id) => ({ __typename: 'Node', id })),
    ...['eu-1', 'none'].map((id) => ({ __typename: 'Cluster', id })),
    ...[H100, A100, 'none'].map((id) => ({ __typename: 'GpuModel', id })),
    ...[H100, A100].map((model) => ({ __typename: 'Quota', id: `quota_vision_${model}` })),
  ];
  const { data, statements } = await statementsOf(harness, references, { representations });
  expect(statements).toBe(6);
  expect((data['_entities'] as unknown as (object | null)[]).map((entity) => entity === null)).toEqual(
    representations.map(({ id }) => id === 'none'),
  );
});

test('how much of a quota is used is told to those who see amounts, and to nobody else', async () => {
  await using harness = await startResources();
  await requested(harness.as(people.researcher), requestOf({ gpu: { modelIn: [H100], count: 3 } }));
  const document = `query ($representations: [_Any!]!) { _entities(representations: $representations) { ... on Quota { used held } } }`;
  const representations = [{ __typename: 'Quota', id: `quota_vision_${H100}` }];
  const seen = async (who: keyof typeof people) =>
    dataOf(await harness.as(people[who])(document, { representations }))['_entities'];
  expect(await seen('researcher')).toEqual([{ used: 3, held: 0 }]);
  expect(await seen('operator')).toEqual([{ used: 3, held: 0 }]);
  expect(await seen('stranger')).toEqual([{ used: null, held: null }]);
  expect(await seen('auditor')).toEqual([{ used: null, held: null }]);
});

test('the devices of two dozen jobs take as many statements as those of one', async () => {
  await using harness = await startResources();
  for (const model of [H100, A100]) await setQuota(harness, 'vision', model, 40);
  await settle(harness);
  const jobs: string[] = [];
  for (const gpuModelId of [H100, A100])
    for (let count = 0; count < 12; count++)
      jobs.push(
        await reserve(harness, { gpuModelId, spec: jobSpec({ gpu: { modelIn: [gpuModelId], count: 1 } }) }),
      );
  const open = await harness.database.prisma.allocation.findMany({ where: { ownerId: { in: jobs } } });
  expect(open).toHaveLength(jobs.length);
  const references = `query ($representations: [_Any!]!) { _entities(representations: $representations) {
    ... on Allocation { id from to gpu { id uuid model { name } node { name } metrics { at } occupant { kind name } } } } }`;
  const represent = (ids: readonly string[]) => ({
    representations: ids.map((id) => ({ __typename: 'Allocation', id })),
  });
  const ids = open.map(({ id }) => id);
  const one = await statementsOf(harness, references, represent(ids.slice(0, 1)));
  const many = await statementsOf(harness, references, represent(ids));
  expect(many.statements).toBe(one.statements);
  expect(many.data['_entities']).toMatchObject(
    ids.map((id) => ({ id, gpu: { occupant: { kind: 'JOB', name: 'train' } } })),
  );
});
