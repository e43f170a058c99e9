import type { Cluster } from '../../platform/kubernetes/cluster.port.js';
import type { Leader } from '../../platform/kubernetes/leader.port.js';
import type { Tails } from '../../platform/server/tails.js';
import type { DesiredState, Observe } from './kubernetes/desired.js';
import { startReconcilers } from './kubernetes/reconcilers.js';
import type { LatestMetrics } from './metrics/latestMetrics.js';
import { startScraper } from './metrics/scraper.js';
import { createUuids } from './metrics/uuids.js';
import type { NodeRecorder } from './node/node.recorder.js';

/** Contexts whose events change what a cluster should hold: projects and quotas, and instances. */
const SOURCES = ['governance', 'resources'];

/**
 * Starts the reconcilers, and wakes them whenever something happened that they may have to act on. Metrics are read whether
 * this process leads or not: each shows them to its own readers.
 */
export async function driveCluster(options: {
  cluster: Cluster;
  clusterId: string;
  leader: Leader;
  desired: DesiredState;
  observe: Observe;
  nodes: NodeRecorder;
  tails: Tails;
  latest: LatestMetrics;
  onError: (error: unknown) => void;
}): Promise<AsyncDisposable> {
  const { nodes, tails, clusterId, latest, onError, ...rest } = options;
  await nodes.registerCluster();
  const uuids = createUuids(clusterId);
  const reconcilers = startReconcilers({
    ...rest,
    recordNodes: (seen) => nodes.recordNodes(uuids.addTo(seen)),
    onError,
  });
  const scraper = startScraper({
    cluster: rest.cluster,
    clusterId,
    onError,
    record(scraped) {
      latest.record(scraped);
      if (uuids.learn(scraped)) reconcilers.poke();
    },
  });
  const stop = new AbortController();
  const listening = SOURCES.map(async (source) => {
    const tail = await tails(source);
    for await (const _ of tail.from(await tail.fetchHead(), stop.signal)) reconcilers.poke();
  });
  const listened = Promise.all(listening).catch(onError);
  return {
    async [Symbol.asyncDispose]() {
      stop.abort();
      await listened;
      await scraper[Symbol.asyncDispose]();
      await reconcilers[Symbol.asyncDispose]();
    },
  };
}
