import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { compiledPath } from '../../platform/compiled.js';
import { connectCluster } from '../../platform/kubernetes/cluster.client.js';
import { jobs, namespaces, nodes, pods, statefulSets } from '../../platform/kubernetes/kinds.js';
import type { Cluster } from '../../platform/kubernetes/cluster.port.js';

const soon = { timeout: 15_000, interval: 20 };

async function startCluster(folder: string) {
  const child = spawn(process.execPath, [compiledPath(import.meta.url, './main.js')], {
    env: { ...process.env, PORT: '0', FLEETGRAPH_DATA: folder },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  await once(child.stdout, 'data');
  const kubeconfig = await readFile(join(folder, 'kubeconfig'), 'utf8');
  const cluster = connectCluster({ kubeconfig, fieldManager: 'fleetgraph' });
  return {
    cluster,
    async end(signal: NodeJS.Signals) {
      await cluster[Symbol.asyncDispose]();
      const ended = once(child, 'exit');
      child.kill(signal);
      return (await ended) as [number | null, string | null];
    },
  };
}

const template = (labels: Record<string, string>, annotations: Record<string, string> = {}) => ({
  metadata: { labels, annotations },
  spec: {
    tolerations: [{ key: 'nvidia.com/gpu', operator: 'Exists' }],
    containers: [{ name: 'main', image: 'x', resources: { limits: { 'nvidia.com/gpu': '4' } } }],
  },
});

const pod = (cluster: Cluster, name: string) => cluster.get(pods, { namespace: 'vision', name });

test('after kill -9 what ran runs on, what was acknowledged is there, and what had begun is finished', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'fleetgraph-cluster-'));
  const first = await startCluster(folder);
  expect((await first.cluster.list(nodes)).items).toHaveLength(5);
  await first.cluster.create(namespaces, { metadata: { name: 'vision' } });
  await first.cluster.apply(statefulSets, {
    metadata: { name: 'lab', namespace: 'vision' },
    spec: {
      serviceName: 'lab',
      selector: { matchLabels: { app: 'lab' } },
      template: template({ app: 'lab' }),
    },
  });
  await expect.poll(async () => (await pod(first.cluster, 'lab-0'))?.status?.phase, soon).toBe('Running');
  const running = await pod(first.cluster, 'lab-0');
  const jobTemplate = template({ app: 'train' }, { 'pod-complete.stage.kwok.x-k8s.io/delay': '1s' });
  await first.cluster.apply(jobs, {
    metadata: { name: 'train', namespace: 'vision' },
    spec: { template: { ...jobTemplate, spec: { ...jobTemplate.spec, restartPolicy: 'Never' } } },
  });
  expect(await first.end('SIGKILL')).toEqual([null, 'SIGKILL']);

  const second = await startCluster(folder);
  expect(await pod(second.cluster, 'lab-0')).toEqual(running);
  await expect
    .poll(
      async () => (await second.cluster.get(jobs, { namespace: 'vision', name: 'train' }))?.status?.succeeded,
      soon,
    )
    .toBe(1);
  expect(await second.end('SIGTERM')).toEqual([0, null]);
  await rm(folder, { recursive: true });
});
