import { expect, test } from 'vitest';
import { createEmbeddedCluster } from '../../embedded/cluster/cluster.js';
import { connectCluster } from '../../platform/kubernetes/cluster.client.js';
import { createCache } from '../../platform/kubernetes/cache.js';
import {
  namespaces,
  nodes,
  pods,
  statefulSets,
  volumeClaims,
  events,
} from '../../platform/kubernetes/kinds.js';

test('try', async () => {
  await using embedded = await createEmbeddedCluster();
  await using cluster = connectCluster({ kubeconfig: embedded.kubeconfig, fieldManager: 'fleetgraph' });
  console.log((await cluster.list(nodes)).items.length);
  await cluster.apply(namespaces, { metadata: { name: 'vision' } });
  await using cache = createCache(cluster, pods, { namespace: 'vision' }, { onError: console.error });
  const labels = { app: 'x' };
  cache.onChange(() =>
    console.log(
      Date.now() % 100000,
      [...(cache.snapshot()?.objects.values() ?? [])].map((p) => [
        p.metadata.name,
        p.status?.phase,
        p.spec?.nodeName,
      ]),
    ),
  );
  const set = await cluster.apply(statefulSets, {
    metadata: { name: 'lab', namespace: 'vision', labels },
    spec: {
      replicas: 1,
      serviceName: 'lab',
      selector: { matchLabels: labels },
      template: {
        metadata: { labels },
        spec: {
          nodeSelector: { 'nvidia.com/gpu.product': 'NVIDIA-H100-80GB-HBM3' },
          tolerations: [{ key: 'nvidia.com/gpu', operator: 'Exists' }],
          containers: [{ name: 'main', image: 'x', resources: { limits: { 'nvidia.com/gpu': '4' } } }],
        },
      },
      volumeClaimTemplates: [
        {
          metadata: { name: 'work' },
          spec: { accessModes: ['ReadWriteOnce'], resources: { requests: { storage: '10Gi' } } },
        },
      ],
    },
  });
  console.log(JSON.stringify(set, null, 1));
  await expect
    .poll(
      async () =>
        (await cluster.get(statefulSets, { namespace: 'vision', name: 'lab' }))?.status?.readyReplicas,
      { timeout: 5000 },
    )
    .toBe(1);
  console.log(JSON.stringify(await cluster.get(pods, { namespace: 'vision', name: 'lab-0' }), null, 1));
  await cluster.apply(statefulSets, {
    ...set,
    metadata: { name: 'lab', namespace: 'vision', labels },
    spec: { ...set.spec!, replicas: 0 },
  } as never);
  await expect.poll(async () => (await cluster.list(pods)).items.length, { timeout: 5000 }).toBe(0);
  console.log(
    (await cluster.list(volumeClaims)).items.length,
    (await cluster.list(events)).items.map((e) => e.message),
  );
  await cluster.delete(namespaces, { name: 'vision' });
  await expect.poll(() => cluster.get(namespaces, { name: 'vision' }), { timeout: 5000 }).toBe(null);
});
