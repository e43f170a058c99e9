import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import { networkInterfaces } from 'node:os';
import { createNodeExporter, gpusOf } from './nodeExporter.js';
import { namespaces, nodes, pods } from '../resources.js';
import type { Registry } from '../api/registry.js';
import type { AddressInfo } from 'node:net';
import type { Node } from '../../../platform/kubernetes/kinds.js';

const NAMESPACE = 'gpu-operator';
const APP = 'nvidia-dcgm-exporter';
const manager = 'gpu-operator';

/** The simulated devices are read anew at every request; the real exporter reads every 30 s by default. */
const COLLECT_INTERVAL_MS = '1000';

/**
 * The metrics exporter of every GPU node that the cluster has at its start, each with a pod by which clients find its
 * address, as the GPU operator runs them. They listen on one address, so each has a port of its own instead of 9400.
 */
export async function startExporters(options: {
  registry: Registry;
  /** The address to listen on. */
  host: string;
  onError: (error: unknown) => void;
}): Promise<AsyncDisposable> {
  const { registry, host } = options;
  const machines = registry.list(nodes).filter((node) => gpusOf(node) > 0);
  if (machines.length > 0 && !registry.find(namespaces, undefined, NAMESPACE)) {
    const { apiVersion, kind } = namespaces;
    registry.create(namespaces, { apiVersion, kind, metadata: { name: NAMESPACE } }, { manager });
  }
  const servers = await Promise.all(machines.map((node) => listen(node, options)));
  servers.forEach((server, index) => {
    const node = machines[index];
    if (node) announce(registry, node, { ip: reachable(host), port: (server.address() as AddressInfo).port });
  });
  return {
    async [Symbol.asyncDispose]() {
      await Promise.all(
        servers.map((server) => {
          const closed = once(server, 'close');
          server.close();
          server.closeAllConnections();
          return closed;
        }),
      );
    },
  };
}

async function listen(
  node: Node,
  { registry, host, onError }: Parameters<typeof startExporters>[0],
): Promise<Server> {
  const read = createNodeExporter(registry, node.metadata.name);
  const server = createServer(({ url }, response) => {
    if (url !== '/metrics') return void response.writeHead(404).end();
    try {
      response.writeHead(200, { 'content-type': 'text/plain; version=0.0.4; charset=utf-8' }).end(read());
    } catch (error) {
      onError(error);
      response.destroy();
    }
  });
  server.listen(0, host);
  await once(server, 'listening');
  return server;
}

/** The pod of an earlier start names a port that nobody listens at any more. */
function announce(registry: Registry, { metadata }: Node, { ip, port }: { ip: string; port: number }): void {
  const name = `${APP}-${metadata.name}`;
  const earlier = registry.find(pods, NAMESPACE, name);
  if (earlier) registry.delete(pods, earlier, { gracePeriodSeconds: 0 });
  const { apiVersion, kind } = pods;
  const container = {
    name: APP,
    image: 'nvcr.io/nvidia/k8s/dcgm-exporter:3.3.5-3.4.1-ubuntu22.04',
    env: [{ name: 'DCGM_EXPORTER_INTERVAL', value: COLLECT_INTERVAL_MS }],
    ports: [{ name: 'metrics', containerPort: port, protocol: 'TCP' }],
  };
  const draft = {
    apiVersion,
    kind,
    metadata: { name, namespace: NAMESPACE, labels: { app: APP } },
    spec: { nodeName: metadata.name, containers: [container] },
  };
  const pod = registry.create(pods, draft, { manager });
  // The kubelet of the node takes it from here, and leaves the address as it is.
  registry.setStatus(pods, pod, { ...pod.status, phase: 'Pending', podIP: ip }, 'kubelet');
}

/** A pod has one address. Where all addresses of a machine or container are listened on, it is the first that others can use. */
function reachable(host: string): string {
  if (!ALL_ADDRESSES.includes(host)) return host;
  const addresses = Object.values(networkInterfaces()).flatMap((each) => each ?? []);
  return addresses.find(({ family, internal }) => family === 'IPv4' && !internal)?.address ?? '127.0.0.1';
}

const ALL_ADDRESSES = ['0.0.0.0', '::'];
