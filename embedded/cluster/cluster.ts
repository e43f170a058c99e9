import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { createRegistry } from './api/registry.js';
import { createApiServer } from './api/server.js';
import { createControllers } from './controllers/controllers.js';
import { startLoop } from './controllers/loop.js';
import { demoNodes, toNode } from './demoNodes.js';
import { startExporters } from './metrics/exporters.js';
import { namespaces, nodes } from './resources.js';
import { memoryJournal, openFileJournal } from './store/journal.js';
import { createStore } from './store/store.js';
import type { GpuNode } from './demoNodes.js';
import type { Registry } from './api/registry.js';
import type { AddressInfo } from 'node:net';

export type EmbeddedClusterOptions = {
  /** Where the cluster's objects survive the process. Without it they do not. */
  dataFile?: string;
  /** 0, the default, takes a free one. */
  port?: number;
  /** The address to listen on. Default: loopback. Elsewhere `url` must say how clients reach it. */
  host?: string;
  /** How clients reach it, if not by host and port. */
  url?: string | undefined;
  /** The machines of a new cluster. Default: those of the demo. */
  nodes?: readonly GpuNode[];
  /** How many changes a watcher may be behind before it must list again. Default 5000. */
  historyMax?: number;
  /** How often watchers hear a bookmark. Default 5 s. */
  bookmarkMs?: number;
  /** What clients must know, letters and digits. Default: a new one at each start. */
  secret?: string;
  now?: () => Date;
  /** Told of faults of the cluster itself. */
  onError?: (error: unknown) => void;
};

export type EmbeddedCluster = {
  url: string;
  /** The text of a kubeconfig with all rights. */
  kubeconfig: string;
  close(): Promise<void>;
  [Symbol.asyncDispose](): Promise<void>;
};

/**
 * Starts a development cluster, on loopback if not told otherwise: the part of Kubernetes that its README lists, with
 * simulated nodes. What knows its secret has all rights, and its exporters answer anybody who reaches them.
 */
export async function createEmbeddedCluster(options: EmbeddedClusterOptions = {}): Promise<EmbeddedCluster> {
  const { dataFile, port = 0, host = LOOPBACK, historyMax = 5_000, bookmarkMs = 5_000 } = options;
  const { now = () => new Date() } = options;
  if (host !== LOOPBACK && options.url === undefined)
    throw new Error(`The development cluster listens on ${host}, but is not told how it is reached there`);
  const onError =
    options.onError ?? ((error) => process.emitWarning(error instanceof Error ? error : String(error)));
  const store = createStore(dataFile === undefined ? memoryJournal : openFileJournal(dataFile), historyMax);
  const registry = createRegistry(store, now);
  furnish(registry, options.nodes ?? demoNodes);

  const exporters = await startExporters({ registry, host, onError });
  const loop = startLoop(registry, createControllers(registry), onError);
  const secret = options.secret ?? randomBytes(24).toString('base64url');
  const server = createApiServer({ store, registry, secret, bookmarkMs, onError });
  server.listen(port, host);
  await once(server, 'listening');
  const url = options.url ?? `http://${host}:${(server.address() as AddressInfo).port}`;

  const close = async () => {
    loop[Symbol.dispose]();
    server.close();
    server.closeAllConnections();
    await once(server, 'close');
    await exporters[Symbol.asyncDispose]();
    store.close();
  };
  return { url, kubeconfig: toKubeconfig(`${url}/${secret}`), close, [Symbol.asyncDispose]: close };
}

const LOOPBACK = '127.0.0.1';

/** What a new cluster has from the start. An old one keeps what it has. */
function furnish(registry: Registry, machines: readonly GpuNode[]): void {
  if (registry.version() > 0) return;
  for (const name of ['default', 'kube-system', 'kube-public', 'kube-node-lease']) {
    const { apiVersion, kind } = namespaces;
    registry.create(namespaces, { apiVersion, kind, metadata: { name } }, { manager: 'kube-apiserver' });
  }
  for (const machine of machines) {
    const { apiVersion, kind } = nodes;
    registry.create(nodes, { apiVersion, kind, ...toNode(machine) }, { manager: 'kubelet' });
  }
}

function toKubeconfig(server: string): string {
  return JSON.stringify({
    apiVersion: 'v1',
    kind: 'Config',
    // Clients refuse plain HTTP unless they are told not to look for a certificate.
    clusters: [{ name: 'embedded', cluster: { server, 'insecure-skip-tls-verify': true } }],
    users: [{ name: 'developer', user: {} }],
    contexts: [{ name: 'embedded', context: { cluster: 'embedded', user: 'developer' } }],
    'current-context': 'embedded',
  });
}
