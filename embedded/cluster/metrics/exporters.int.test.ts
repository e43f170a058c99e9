import { expect, test } from 'vitest';
import { connectCluster } from '../../../platform/kubernetes/cluster.client.js';
import { pods } from '../../../platform/kubernetes/kinds.js';
import { createEmbeddedCluster } from '../cluster.js';
import { demoNodes } from '../demoNodes.js';
import type { Cluster } from '../../../platform/kubernetes/cluster.port.js';

const soon = { timeout: 10_000, interval: 20 };

async function readExporter(cluster: Cluster, nodeName: string): Promise<string> {
  const { items } = await cluster.list(pods, { labelSelector: 'app=nvidia-dcgm-exporter' });
  const pod = items.find(({ spec, status }) => spec?.nodeName === nodeName && status?.phase === 'Running');
  const port = pod?.spec?.containers[0]?.ports?.find(({ name }) => name === 'metrics')?.containerPort;
  return pod ? (await fetch(`http://${pod.status?.podIP}:${port}/metrics`)).text() : '';
}

const valueOf = (text: string, metric: string, gpu: number) =>
  Number(new RegExp(`^${metric}\\{gpu="${gpu}",.*\\} (.+)$`, 'm').exec(text)?.[1]);

test('every GPU node has an exporter that the API leads to, and it follows the load', async () => {
  const nodes = demoNodes.filter(({ name }) => name === 'h100-1');
  await using embedded = await createEmbeddedCluster({ nodes });
  await using cluster = connectCluster({ kubeconfig: embedded.kubeconfig, fieldManager: 'test' });
  const read = () => readExporter(cluster, 'h100-1');
  await expect.poll(read, soon).toContain('DCGM_FI_DEV_GPU_UTIL');
  const idle = await read();
  expect(idle).toMatch(
    /^DCGM_FI_DEV_GPU_UTIL\{gpu="7",UUID="GPU-[-0-9a-f]{36}",pci_bus_id=".+",device="nvidia7",modelName="NVIDIA H100 80GB HBM3",Hostname="h100-1",DCGM_FI_DRIVER_VERSION=".+",container="",namespace="",pod=""\} 0$/m,
  );
  expect(valueOf(idle, 'DCGM_FI_DEV_FB_USED', 0)).toBeLessThan(10);

  await cluster.create(pods, {
    metadata: { name: 'train', namespace: 'default' },
    spec: {
      nodeName: 'h100-1',
      containers: [{ name: 'main', image: 'x', resources: { limits: { 'nvidia.com/gpu': '2' } } }],
    },
  });
  await expect.poll(async () => valueOf(await read(), 'DCGM_FI_DEV_FB_USED', 1), soon).toBeGreaterThan(1_000);
  const busy = await read();
  expect(busy).toContain('container="main",namespace="default",pod="train"');
  expect(valueOf(busy, 'DCGM_FI_DEV_POWER_USAGE', 0)).toBeGreaterThan(
    valueOf(busy, 'DCGM_FI_DEV_POWER_USAGE', 2),
  );
  expect(valueOf(busy, 'DCGM_FI_DEV_GPU_UTIL', 2)).toBe(0);
  expect(valueOf(busy, 'DCGM_FI_DEV_TOTAL_ENERGY_CONSUMPTION', 0)).toBeGreaterThan(
    valueOf(idle, 'DCGM_FI_DEV_TOTAL_ENERGY_CONSUMPTION', 0),
  );
});
