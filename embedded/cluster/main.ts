import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { createEmbeddedCluster } from './cluster.js';

const folder = process.env['FLEETGRAPH_DATA'] ?? '.fleetgraph';
const kubeconfigFile = join(folder, 'kubeconfig');

const cluster = await createEmbeddedCluster({
  dataFile: join(folder, 'cluster.jsonl'),
  port: Number(process.env['PORT'] ?? 6443),
});
mkdirSync(folder, { recursive: true });
writeFileSync(kubeconfigFile, cluster.kubeconfig, { mode: 0o600 });
process.stdout.write(
  `Development cluster at ${cluster.url}\nKUBECONFIG=${kubeconfigFile} kubectl get nodes\n`,
);

for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => void cluster.close());
