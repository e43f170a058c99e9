import { createCache } from '../../../platform/kubernetes/cache.js';
import type { Cluster } from '../../../platform/kubernetes/cluster.port.js';
import { type Pod, pods } from '../../../platform/kubernetes/kinds.js';
import { gpuIdOf, nodeIdOf } from '../node/node.js';
import { parseExporterText } from './exporter.parser.js';
import type { Measured } from './reading.js';

/** The labels by which the GPU operator and the exporter's own chart mark its pods. */
const SELECTORS = ['app=nvidia-dcgm-exporter', 'app.kubernetes.io/name=dcgm-exporter'];
const PORT = 9400;
const TICK_MS = 250;
const EVERY_MIN_MS = 1_000;
const EVERY_MAX_MS = 10_000;
const TIMEOUT_MS = 5_000;

/** An exporter of one node, and how often it is worth reading. */
export type Exporter = { readonly nodeName: string; readonly url: string; readonly everyMs: number };

export type Scraped = readonly (Measured & { readonly uuid: string | null })[];

/**
 * Reads every exporter of a cluster, found by its pod, as often as it collects, but no more than once a second and no
 * less than every ten. One that fails is told once, and tried on. Nothing is read while it is not wanted.
 */
export function startScraper(options: {
  cluster: Cluster;
  clusterId: string;
  /** Of one node. */
  record: (nodeId: string, scraped: Scraped) => void;
  isWanted?: () => boolean;
  onError: (error: unknown) => void;
}): AsyncDisposable {
  const { cluster, clusterId, record, isWanted = () => true, onError } = options;
  const caches = SELECTORS.map((labelSelector) => createCache(cluster, pods, { labelSelector }, { onError }));
  const stop = new AbortController();
  const dueMs = new Map<string, number>();
  const reading = new Map<string, Promise<void>>();
  const failing = new Set<string>();

  async function scrape({ nodeName, url }: Exporter): Promise<void> {
    try {
      const signal = AbortSignal.any([stop.signal, AbortSignal.timeout(TIMEOUT_MS)]);
      const response = await fetch(url, { signal });
      if (!response.ok) throw new Error(`${url} answers ${response.status}`);
      const devices = parseExporterText(await response.text());
      const nodeId = nodeIdOf(clusterId, nodeName);
      const atMs = Date.now();
      record(
        nodeId,
        devices.map(({ index, ...device }) => ({ ...device, gpuId: gpuIdOf(nodeId, index), atMs })),
      );
      failing.delete(url);
    } catch (error) {
      if (stop.signal.aborted || failing.has(url)) return;
      failing.add(url);
      onError(error);
    }
  }

  function readDue(): void {
    if (!isWanted()) return;
    const found = caches.flatMap((cache) => [...(cache.snapshot()?.objects.values() ?? [])]);
    const exporters = new Map(found.flatMap((pod) => exporterOf(pod) ?? []).map((one) => [one.url, one]));
    const nowMs = performance.now();
    for (const exporter of exporters.values()) {
      const { url, everyMs } = exporter;
      if (reading.has(url) || nowMs < (dueMs.get(url) ?? 0)) continue;
      dueMs.set(url, nowMs + everyMs - TICK_MS / 2);
      reading.set(
        url,
        scrape(exporter).finally(() => reading.delete(url)),
      );
    }
    for (const url of dueMs.keys()) if (!exporters.has(url)) dueMs.delete(url);
  }

  const ticking = setInterval(readDue, TICK_MS).unref();
  return {
    async [Symbol.asyncDispose]() {
      clearInterval(ticking);
      stop.abort();
      await Promise.all(reading.values());
      for (const cache of caches) await cache[Symbol.asyncDispose]();
    },
  };
}

/** Null for a pod that does not run, or has no address yet. */
export function exporterOf({ metadata, spec, status }: Pod): Exporter | null {
  if (metadata.deletionTimestamp || status?.phase !== 'Running' || !status.podIP || !spec?.nodeName)
    return null;
  const containers = spec.containers;
  const ports = containers.flatMap(({ ports: own = [] }) => own);
  const port = (ports.find(({ name }) => name === 'metrics') ?? ports[0])?.containerPort ?? PORT;
  const host = status.podIP.includes(':') ? `[${status.podIP}]` : status.podIP;
  const setting = containers
    .flatMap(({ env = [] }) => env)
    .find(({ name }) => name === 'DCGM_EXPORTER_INTERVAL')?.value;
  const everyMs = Math.min(EVERY_MAX_MS, Math.max(EVERY_MIN_MS, Number(setting) || EVERY_MAX_MS));
  return { nodeName: spec.nodeName, url: `http://${host}:${port}/metrics`, everyMs };
}
