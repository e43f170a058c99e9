import type { Cluster } from '../../platform/kubernetes/cluster.port.js';
import type { Leader } from '../../platform/kubernetes/leader.port.js';
import type { Tails } from '../../platform/server/tails.js';
import type { DesiredState } from './kubernetes/desired.js';
import { startReconcilers } from './kubernetes/reconcilers.js';
import type { ReportsOf } from './kubernetes/reports.js';
import type { Logs } from './logs/logs.js';
import { startHistoryWriter } from './metrics/historyWriter.js';
import type { Metrics } from './metrics/metrics.js';
import { startScraper } from './metrics/scraper.js';
import { createUuids } from './metrics/uuids.js';
import type { NodeRecorder } from './node/node.recorder.js';

/** Contexts whose events change what a cluster should hold: projects and quotas, instances and workloads. */
const SOURCES = ['governance', 'resources'];

/**
 * Starts the reconcilers, and wakes them whenever something happened that they may have to act on. Metrics are read whether
 * this process leads or not: each shows them to its own readers; the leader keeps their history.
 */
export async function driveCluster(options: {
  cluster: Cluster;
  clusterId: string;
  leader: Leader;
  desired: DesiredState;
  reportsOf: ReportsOf;
  nodes: NodeRecorder;
  tails: Tails;
  metrics: Pick<Metrics, 'latest' | 'history'>;
  logs: Logs;
  onError: (error: unknown) => void;
}): Promise<AsyncDisposable> {
  const { nodes, tails, clusterId, metrics, logs, reportsOf, onError, ...rest } = options;
  await nodes.registerCluster();
  const uuids = createUuids(clusterId);
  const reconcilers = startReconcilers({
    ...rest,
    reportsOf(term) {
      const reports = reportsOf(term);
      return { ...reports, recordNodes: (seen) => reports.recordNodes(uuids.addTo(seen)) };
    },
    logsAreKept: logs.store.areKept,
    onError,
  });
  const writer = startHistoryWriter({
    history: metrics.history,
    isActive: () => rest.leader.isLeader(),
    onError,
  });
  const scraper = startScraper({
    cluster: rest.cluster,
    clusterId,
    onError,
    record(scraped) {
      metrics.latest.record(scraped);
      writer.add(scraped);
      if (uuids.learn(scraped)) reconcilers.poke();
    },
  });
  const collector = logs.collect({ cluster: rest.cluster, leader: rest.leader, onError });
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
      await collector[Symbol.asyncDispose]();
      await scraper[Symbol.asyncDispose]();
      await writer[Symbol.asyncDispose]();
      await reconcilers[Symbol.asyncDispose]();
    },
  };
}
