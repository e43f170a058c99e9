// The history of GPU metrics on PostgreSQL: a day of roll-ups of 1,000 GPUs, stored minute by minute as they come, and
// then read back for one GPU, minute by minute over the whole day.
import { createDisposables } from '../../dist/platform/disposables.js';
import { createMetricHistory } from '../../dist/subgraphs/resources/metrics/history.repository.js';
import { startPostgres } from '../../dist/test/engines/postgres.js';
import { databaseOn } from '../../dist/test/testkit/testDatabase.js';

const GPUS = 1_000;
const MINUTES = 24 * 60;
const READS = 50;
const BAR_MS = 50;

const percentile = (values, share) => values.toSorted((a, b) => a - b)[Math.ceil(values.length * share) - 1];
const gpuIdOf = (index) => `eu-1/h100-${Math.floor(index / 8)}/${index % 8}`;

const disposables = createDisposables();
const postgres = disposables.use(await startPostgres());
const database = disposables.use(await databaseOn(postgres.url));
const from = new Date('2026-11-20T00:00:00Z');
const to = new Date(from.getTime() + MINUTES * 60_000);
await database.asOwner(`INSERT INTO metrics.gpu_metric
  SELECT 'eu-1/h100-' || gpu / 8 || '/' || gpu % 8, 60, timestamptz '${from.toISOString()}' + minute * interval '1 minute', 60,
    random() * 100, 60000, 81559, 400, 60, 67, random(), random(), random(), 1980, 2, 0
  FROM generate_series(0, ${MINUTES - 1}) AS minute, generate_series(0, ${GPUS - 1}) AS gpu`);
await database.asOwner('ANALYZE metrics.gpu_metric');

const history = createMetricHistory(database.prisma);
const times = [];
const before = process.cpuUsage();
for (let n = 0; n < READS; n++) {
  // Each time another one, which nobody has read before.
  const gpuId = gpuIdOf((n * 37) % GPUS);
  const startedMs = performance.now();
  const steps = await history.read([gpuId], 60, { from, to });
  times.push(performance.now() - startedMs);
  if (steps.length !== MINUTES) throw new Error(`${gpuId} has ${steps.length} steps`);
}
const { user, system } = process.cpuUsage(before);
const cpuMs = (user + system) / 1e3 / READS;
await disposables[Symbol.asyncDispose]();
const [p50, p95] = [percentile(times, 0.5), percentile(times, 0.95)];
console.log(
  `${GPUS * MINUTES} steps stored; one GPU's day read in p50 ${p50.toFixed(1)} ms, p95 ${p95.toFixed(1)} ms, ${cpuMs.toFixed(1)} ms of this process's CPU (bar ${BAR_MS})`,
);
process.exitCode = p50 <= BAR_MS ? 0 : 1;
