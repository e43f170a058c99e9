import { randomUUID } from 'node:crypto';
import { expect, test } from 'vitest';
import { createEmbeddedCluster } from '../../../embedded/cluster/cluster.js';
import { buildWith } from '../../../platform/disposables.js';
import type { Principal } from '../../../platform/identity/principal.js';
import { dataOf, refusalOf } from '../../../test/testkit/subgraphHarness.js';
import { until } from '../../../test/testkit/until.js';
import { leadCluster } from '../leadCluster.js';
import {
  H100,
  people,
  requested,
  requestOf,
  type ResourcesHarness,
  startResources,
} from '../resources.fixture.js';

/** Resources that lead a development cluster of their own, whose exporters have been read. */
const startMeasured = (): Promise<ResourcesHarness> =>
  buildWith(async ({ use }) => {
    const harness = use(await startResources());
    const { kubeconfig } = use(await createEmbeddedCluster());
    use(await leadCluster(harness.app, { kubeconfig, onError: () => undefined }));
    const measured = async () => (await gpuOf(harness, people.researcher, 'eu-1/l40s-1/7')).metrics !== null;
    await until('the exporters are read', measured);
    return harness;
  });

type Gpu = { uuid: string | null; metrics: Record<string, number> | null };

const gpuOf = async (harness: ResourcesHarness, who: Principal, id: string) =>
  dataOf<{ gpu: Gpu }>(
    await harness.as(who)(
      `query ($id: ID!) { gpu(id: $id) { uuid metrics { at utilization memoryUsedMiB memoryTotalMiB powerW temperatureC
        memoryTemperatureC engineActive tensorActive memoryActive smClockMhz energyKwh lastXid } } }`,
      { id },
    ),
  ).gpu;

type Sample = {
  skipped: number;
  utilization: number;
  gpu: { id: string; node: { name: string } };
  instance: { id: string } | null;
  job: { id: string } | null;
};

const METRICS = `subscription ($selector: GpuMetricSelector!, $maxHz: Float) { gpuMetrics(selector: $selector, maxHz: $maxHz) {
  at skipped utilization memoryUsedMiB powerW temperatureC gpu { id uuid node { name } } instance { id } job { id } } }`;

function open(harness: ResourcesHarness, principal: Principal, variables: Record<string, unknown>) {
  const stop = new AbortController();
  const id = randomUUID();
  const call = { principal, requestId: id, correlationId: id, positions: {}, signal: stop.signal };
  const answers = harness.app.subgraph.subscribe({ document: METRICS, variables }, call);
  return {
    async answer() {
      const { value, done } = await answers.next();
      if (done) throw new Error('The feed ended');
      return value;
    },
    async frame(): Promise<Sample[]> {
      return dataOf<{ gpuMetrics: Sample[] }>(await this.answer()).gpuMetrics;
    },
    async [Symbol.asyncDispose]() {
      stop.abort();
      await answers.return?.();
    },
  };
}

test('a GPU shows what its exporter measures, and the id that the exporter alone knows', async () => {
  await using harness = await startMeasured();
  const read = () => gpuOf(harness, people.researcher, 'eu-1/h100-1/3');
  await until('the id is recorded', async () => (await read()).uuid !== null);
  const { uuid, metrics } = await read();
  expect(uuid).toMatch(/^GPU-[-0-9a-f]{36}$/);
  expect(metrics).toMatchObject({ utilization: 0, memoryUsedMiB: 4, memoryTotalMiB: 81_559, lastXid: 0 });
  expect(Object.values(metrics ?? {})).not.toContain(null);
});

test('what GPUs do is told from memory: for eight as for none it takes no statement', async () => {
  await using harness = await startMeasured();
  const caller = harness.as(people.researcher);
  const gpusWith = (fields: string) =>
    harness.count(() => caller(`{ node(id: "eu-1/h100-1") { gpus { id ${fields} } } }`));
  const plain = await gpusWith('');
  const measured = await gpusWith('metrics { at utilization memoryUsedMiB powerW temperatureC }');
  const { node } = dataOf<{ node: { gpus: Gpu[] } }>(measured.result);
  expect(node.gpus.filter(({ metrics }) => metrics !== null)).toHaveLength(8);
  expect(measured.statements).toBe(plain.statements);
});

test('a feed shows the GPUs of an instance while it has them, in frames of all that changed', async () => {
  await using harness = await startMeasured();
  const gpu = { modelIn: [H100], count: 2 };
  const { instance } = await requested(harness.as(people.researcher), requestOf({ gpu }));
  const ids = instance.allocations.map((allocation) => allocation.gpu.id).sort();
  await using feed = open(harness, people.colleague, { selector: { instanceId: instance.id }, maxHz: 10 });
  const first = await feed.frame();
  expect(first.map((sample) => sample.gpu.id).sort()).toEqual(ids);
  for (const sample of first)
    expect(sample).toMatchObject({ skipped: 0, job: null, instance: { id: instance.id } });
  for (let busy = false; !busy;) busy = (await feed.frame()).some(({ utilization }) => utilization > 20);

  await using ofProject = open(harness, people.admin, { selector: { projectId: 'vision' } });
  expect((await ofProject.frame()).map((sample) => sample.gpu.id).sort()).toEqual(ids);
});

test('everybody who sees the fleet sees what a node does, and only who sees into a project for whom', async () => {
  await using harness = await startMeasured();
  const { instance } = await requested(harness.as(people.researcher));
  const [gpuId = ''] = instance.allocations.map(({ gpu }) => gpu.id);
  const first = async (who: Principal, selector: object) => {
    await using feed = open(harness, who, { selector });
    return await feed.frame();
  };
  expect(await first(people.colleague, { gpuIds: [gpuId] })).toMatchObject([
    { instance: { id: instance.id } },
  ]);
  expect(await first(people.operator, { gpuIds: [gpuId] })).toMatchObject([
    { gpu: { id: gpuId }, instance: null },
  ]);
  const node = await first(people.stranger, { nodeId: gpuId.slice(0, gpuId.lastIndexOf('/')) });
  expect(node).toHaveLength(8);
  expect(node.every((sample) => sample.instance === null)).toBe(true);
});

test('a selector is one thing that the viewer may see, and a rate is within bounds', async () => {
  await using harness = await startResources();
  const { instance } = await requested(harness.as(people.researcher));
  const refusal = async (who: Principal, selector: object, maxHz?: number) => {
    await using feed = open(harness, who, { selector, ...(maxHz !== undefined && { maxHz }) });
    return refusalOf(await feed.answer())?.['code'];
  };
  const { stranger, nobody, researcher, operator } = people;
  expect(await refusal(researcher, {})).toBe('BAD_USER_INPUT');
  expect(await refusal(researcher, { nodeId: 'eu-1/h100-1', projectId: 'vision' })).toBe('BAD_USER_INPUT');
  expect(await refusal(researcher, { gpuIds: [] })).toBe('BAD_USER_INPUT');
  for (const maxHz of [0, -1, 10.5])
    expect(await refusal(researcher, { projectId: 'vision' }, maxHz)).toBe('BAD_USER_INPUT');
  for (const who of [stranger, operator]) {
    expect(await refusal(who, { instanceId: instance.id })).toBe('NOT_FOUND');
    expect(await refusal(who, { projectId: 'vision' })).toBe('NOT_FOUND');
  }
  expect(await refusal(researcher, { jobId: 'job_1' })).toBe('NOT_FOUND');
  expect(await refusal(researcher, { gpuIds: ['eu-1/h100-1/0', 'eu-1/h100-1/99'] })).toBe('NOT_FOUND');
  expect(await refusal(nobody, { nodeId: 'eu-1/h100-1' })).toBe('NOT_FOUND');
  expect(await refusal(nobody, { gpuIds: ['eu-1/h100-1/0'] })).toBe('NOT_FOUND');
});
