import type { Cluster } from '../../platform/kubernetes/cluster.port.js';
import type { Leader } from '../../platform/kubernetes/leader.port.js';
import type { SampleStream } from '../../platform/log/kafkaSamples.js';
import type { Tails } from '../../platform/server/tails.js';
import type { DesiredState } from './kubernetes/desired.js';
import { startReconcilers } from './kubernetes/reconcilers.js';
import type { ReportsOf } from './kubernetes/reports.js';
import type { Logs } from './logs/logs.js';
import { startHistoryWriter } from './metrics/historyWriter.js';
import type { Metrics } from './metrics/metrics.js';
import { readSample, toSample } from './metrics/metricsTopic.js';
import { type Scraped, startScraper } from './metrics/scraper.js';
import { createUuids } from './metrics/uuids.js';
import type { NodeRecorder } from './node/node.recorder.js';

/** Opens the stream of samples, with whoever receives them. */
export type OpenMetricsStream = (receive: (sample: unknown) => void) => SampleStream;

/** Contexts whose events change what a cluster should hold: projects and quotas, instances and workloads. */
const SOURCES = ['governance', 'resources'];

/**
 * Starts the reconcilers, and wakes them whenever something happened that they may have to act on. Every process shows
 * metrics to its own readers: the leader reads the exporters, keeps the history and tells the others, who read them
 * themselves as long as they do not hear it.
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
  /** How metrics reach the other processes; null where nothing does. */
  tellMetrics: OpenMetricsStream | null;
  onError: (error: unknown) => void;
}): Promise<AsyncDisposable> {
  const { nodes, tails, clusterId, metrics, logs, tellMetrics, reportsOf, onError, ...rest } = options;
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
  const take = (scraped: Scraped) => {
    metrics.latest.record(scraped);
    writer.add(scraped);
    if (uuids.learn(scraped)) reconcilers.poke();
  };
  const { leader } = rest;
  const stream = tellMetrics?.((sample) => {
    const scraped = leader.isLeader() ? null : readSample(sample);
    if (scraped) take(scraped);
  });
  const scraper = startScraper({
    cluster: rest.cluster,
    clusterId,
    onError,
    isWanted: () => leader.isLeader() || !stream?.isHearing(),
    record(nodeId, scraped) {
      take(scraped);
      if (leader.isLeader()) stream?.publish(nodeId, toSample(nodeId, scraped));
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
      await stream?.[Symbol.asyncDispose]();
      await writer[Symbol.asyncDispose]();
      await reconcilers[Symbol.asyncDispose]();
    },
  };
}
