import { expect, test } from 'vitest';
import { createEmbeddedCluster } from '../../../embedded/cluster/cluster.js';
import { buildWith } from '../../../platform/disposables.js';
import { connectCluster } from '../../../platform/kubernetes/cluster.client.js';
import type { Leader } from '../../../platform/kubernetes/leader.port.js';
import { startKafka } from '../../../test/engines/kafka.js';
import { produce, readTopic } from '../../../test/engines/kcat.js';
import { until } from '../../../test/testkit/until.js';
import { leadCluster } from '../leadCluster.js';
import { people, type ResourcesHarness, startResources } from '../resources.fixture.js';
import { GPU_METRICS_TOPIC, readSample } from './metricsTopic.js';

const onError = () => undefined;

const neverLeads: Leader = {
  isLeader: () => false,
  token: () => null,
  onChange: () => () => undefined,
  [Symbol.asyncDispose]: () => Promise.resolve(),
};

/** Resources that lead the development cluster, and others that reach no exporter. */
const arrange = () =>
  buildWith(async ({ use }) => {
    const { brokers } = use(await startKafka());
    const kafka = { brokers: [brokers], tls: false, sasl: null, retentionMs: 3_600_000 };
    const leading = use(await startResources({ kafka }));
    const following = use(await startResources({ kafka }));
    const { kubeconfig } = use(await createEmbeddedCluster());
    const bare = use(await createEmbeddedCluster({ nodes: [] }));
    const cluster = use(connectCluster({ kubeconfig: bare.kubeconfig, fieldManager: 'fleetgraph' }));
    use(await following.app.drive({ cluster, leader: neverLeads, onError }));
    use(await leadCluster(leading.app, { kubeconfig, onError }));
    return { brokers, leading, following };
  });

async function utilizationSeenBy({ as }: ResourcesHarness): Promise<number | null> {
  const { data } = await as(people.researcher)('{ gpu(id: "eu-1/h100-1/0") { metrics { utilization } } }');
  return (data as { gpu: { metrics: { utilization: number } | null } }).gpu.metrics?.utilization ?? null;
}

test('what the leader measures, every process shows; an independent client reads it by node, in twelve partitions', async () => {
  await using world = await arrange();
  const { brokers, leading, following } = world;
  await until('the leader has measured', async () => (await utilizationSeenBy(leading)) !== null);
  await produce(brokers, GPU_METRICS_TOPIC.name, 'garbage');
  await until('the other process shows it', async () => (await utilizationSeenBy(following)) !== null);

  const messages = (await readTopic(brokers, GPU_METRICS_TOPIC.name)).filter(({ key }) => key !== 'garbage');
  const partitionsOf = new Map<string | null, Set<number>>();
  for (const { key, partition, value } of messages) {
    const scraped = readSample(JSON.parse(value ?? ''));
    expect(scraped?.every(({ gpuId }) => gpuId.startsWith(`${key}/`))).toBe(true);
    partitionsOf.set(key, (partitionsOf.get(key) ?? new Set()).add(partition));
  }
  expect(partitionsOf.size).toBeGreaterThan(1);
  for (const partitions of partitionsOf.values()) expect(partitions.size).toBe(1);
  expect(new Set([...partitionsOf.values()].flatMap((each) => [...each])).size).toBeGreaterThan(1);
});
