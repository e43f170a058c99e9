import { randomBytes } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { createEmbeddedCluster } from './cluster.js';
import { readConfig } from './config.js';

try {
  await start(readConfig(process.env));
} catch (error) {
  process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
  process.exit(1);
}

async function start({ dataFolder, ...address }: ReturnType<typeof readConfig>): Promise<void> {
  mkdirSync(dataFolder, { recursive: true });
  const dataFile = join(dataFolder, 'cluster.jsonl');
  const cluster = await createEmbeddedCluster({ ...address, dataFile, secret: keptSecret(dataFolder) });
  const kubeconfigFile = join(dataFolder, 'kubeconfig');
  writeFileSync(kubeconfigFile, cluster.kubeconfig, { mode: 0o600 });
  process.stdout.write(
    `Development cluster at ${cluster.url}\nKUBECONFIG=${kubeconfigFile} kubectl get nodes\n`,
  );
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => void cluster.close());
}

/** Whoever has read the kubeconfig can go on with it after a restart. */
function keptSecret(folder: string): string {
  const file = join(folder, 'cluster.secret');
  if (!existsSync(file)) writeFileSync(file, randomBytes(24).toString('base64url'), { mode: 0o600 });
  return readFileSync(file, 'utf8');
}
