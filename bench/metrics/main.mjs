// GPU metrics: how much of a core it takes to read 1,000 GPUs every second, to keep the newest measurements in memory and
// their history on PGlite, which works in this process too and is counted.
import { fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { openDatabase } from '../../dist/platform/database/database.js';
import { createMetricHistory } from '../../dist/subgraphs/resources/metrics/history.repository.js';
import { startHistoryWriter } from '../../dist/subgraphs/resources/metrics/historyWriter.js';
import { createLatestMetrics } from '../../dist/subgraphs/resources/metrics/latestMetrics.js';
import { startScraper } from '../../dist/subgraphs/resources/metrics/scraper.js';

const NODES = 125;
const WARM_UP_MS = 4_000;
const SECONDS = 20;
const BAR = { cores: 0.3, measurementsPerSecond: 900 };

const elapse = (ms) => new Promise((resolve) => setTimeout(resolve, ms));
const exporters = fork(fileURLToPath(new URL('exporters.mjs', import.meta.url)), [String(NODES)]);
const [ports] = await once(exporters, 'message');

const toPod = (containerPort, node) => ({
  metadata: { name: `exporter-${node}`, namespace: 'gpu-operator', uid: String(node), resourceVersion: '1' },
  spec: {
    nodeName: `h100-${node}`,
    containers: [
      {
        name: 'exporter',
        env: [{ name: 'DCGM_EXPORTER_INTERVAL', value: '1000' }],
        ports: [{ name: 'metrics', containerPort }],
      },
    ],
  },
  status: { phase: 'Running', podIP: '127.0.0.1' },
});
const cluster = {
  list: async (_kind, { labelSelector }) => ({
    items: labelSelector.startsWith('app=') ? ports.map(toPod) : [],
    resourceVersion: '1',
  }),
  // oxlint-disable-next-line require-yield
  async *watch(_kind, _selection, { signal }) {
    if (!signal.aborted) await once(signal, 'abort');
  },
};

const onError = (error) => console.error(error);
const database = await openDatabase({ url: 'pglite:' });
const latest = createLatestMetrics();
const history = createMetricHistory(database.prisma);
const writer = startHistoryWriter({ history, isActive: () => true, onError });
let measurements = 0;
const scraper = startScraper({
  cluster,
  clusterId: 'eu-1',
  onError,
  record(batch) {
    measurements += batch.length;
    latest.record(batch);
    writer.add(batch);
  },
});

await elapse(WARM_UP_MS);
const [before, startedMs, first] = [process.cpuUsage(), performance.now(), measurements];
await elapse(SECONDS * 1_000);
const { user, system } = process.cpuUsage(before);
const seconds = (performance.now() - startedMs) / 1_000;
const cores = (user + system) / 1e6 / seconds;
const measurementsPerSecond = (measurements - first) / seconds;

await scraper[Symbol.asyncDispose]();
await writer[Symbol.asyncDispose]();
exporters.disconnect();
await database[Symbol.asyncDispose]();

const kept = cores <= BAR.cores && measurementsPerSecond >= BAR.measurementsPerSecond;
console.log(
  `${Math.round(measurementsPerSecond)} measurements a second take ${cores.toFixed(2)} cores (bar ${BAR.cores})`,
);
process.exitCode = kept ? 0 : 1;
