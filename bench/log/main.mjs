// The log on Kafka, with PostgreSQL and the broker on the same machine: how long after a commit another process has the
// event while little happens; how fast the relay publishes what has been stored while Kafka was away; and how a new reader
// catches up with all of it. EVENTS says how many are stored, a million without it. Memory must not grow with them.
import { performance } from 'node:perf_hooks';
import { v7 as uuidv7 } from 'uuid';
import { createDisposables } from '../../dist/platform/disposables.js';
import { createEventStore } from '../../dist/platform/eventStore/eventStore.js';
import { createDatabaseLease } from '../../dist/platform/lease/databaseLease.js';
import { createKafkaLog } from '../../dist/platform/log/kafkaLog.js';
import { createLedRelay } from '../../dist/platform/log/relay.js';
import { createTail } from '../../dist/platform/log/tail.js';
import { createLog } from '../../dist/platform/telemetry/log.js';
import { startKafka } from '../../dist/test/engines/kafka.js';
import { startPostgres } from '../../dist/test/engines/postgres.js';
import { announced } from '../../dist/test/testkit/announced.js';
import { databaseOn } from '../../dist/test/testkit/testDatabase.js';
import { until } from '../../dist/test/testkit/until.js';

const EVENTS = Number(process.env.EVENTS ?? 1_000_000);
const PAYLOAD = { text: 'x'.repeat(400) };
const IDLE_COMMITS = 300;
const BAR = { heardP99Ms: 50, relayPerSecond: 5_000, growthMb: 192 };
const MEGABYTE = 1_000_000;

const log = createLog({ name: 'bench', level: 'warn' });
const onError = (error) => log.error({ error }, 'failed');
const percentile = (values, share) => values.toSorted((a, b) => a - b)[Math.ceil(values.length * share) - 1];
const secondsSince = (start) => (performance.now() - start) / 1_000;
const whole = (value) => Math.round(value).toLocaleString('en');

/** The most memory that is in use while something runs, beyond what was in use before, and the CPU time that it takes. */
async function measured(work) {
  const inUse = () => {
    const { heapUsed, external } = process.memoryUsage();
    return (heapUsed + external) / MEGABYTE;
  };
  const [before, cpu] = [inUse(), process.cpuUsage()];
  let peak = before;
  const sampling = setInterval(() => (peak = Math.max(peak, inUse())), 20);
  await work();
  clearInterval(sampling);
  const { user, system } = process.cpuUsage(cpu);
  const perEvent = Math.round((user + system) / EVENTS);
  return {
    growth: peak - before,
    costs: `${perEvent} µs CPU each, memory + ${(peak - before).toFixed(0)} MB (bar ${BAR.growthMb})`,
  };
}

/** One context on its database, with the relay of its process and the log of another one. */
async function arrange(use, context) {
  const postgres = use(await startPostgres());
  const database = use(await databaseOn(postgres.url));
  const kafka = use(await startKafka());
  const openLog = () => {
    const options = { brokers: [kafka.brokers], tls: false, sasl: null, retentionMs: 86_400_000 };
    return use(createKafkaLog({ kafka: options, name: 'bench', awayPollMs: 100, log }));
  };
  const store = createEventStore(database.prisma, context);
  const startRelay = async () => {
    const lease = use(createDatabaseLease({ database, name: `${context}.relay`, onError }));
    await lease.start();
    return use(createLedRelay({ database, lease, history: store, log: openLog(), onError }));
  };
  return { database, store, openLog, startRelay };
}

async function benchIdle({ database, store, openLog, startRelay }) {
  const relay = await startRelay();
  const heard = new Map();
  await openLog().subscribe(store.context, (events) => {
    for (const { id } of events) heard.get(id)?.(performance.now());
  });
  const delays = [];
  for (let n = 0; n < IDLE_COMMITS; n++) {
    const { position: _, recordedAt: __, ...event } = announced(store.context, 1n);
    const id = uuidv7();
    const arriving = new Promise((resolve) => heard.set(id, resolve));
    await store.append(database.prisma, [
      { ...event, id, streamId: `stream_${id}`, version: 1, data: PAYLOAD },
    ]);
    const committed = performance.now();
    relay.hint();
    delays.push(Math.max(0, (await arriving) - committed));
    heard.delete(id);
  }
  const [p50, p99] = [0.5, 0.99].map((share) => percentile(delays.slice(20), share));
  console.log(
    `commit → another process, idle: p50 ${p50.toFixed(1)} ms, p99 ${p99.toFixed(1)} ms (bar ≤ ${BAR.heardP99Ms})`,
  );
  return p99 <= BAR.heardP99Ms;
}

/** So many events at once, as they lie there after a long outage. */
async function fill({ database, store }) {
  const { position: _, recordedAt: __, ...event } = announced(store.context, 1n);
  const size = 2_000;
  for (let stored = 0; stored < EVENTS; stored += size) {
    const batch = Array.from({ length: Math.min(size, EVENTS - stored) }, () => {
      const id = uuidv7();
      return { ...event, id, streamId: `stream_${id}`, version: 1, data: PAYLOAD };
    });
    await store.append(database.prisma, batch);
  }
}

async function benchRelay({ store, startRelay, openLog }) {
  let last = 0n;
  await openLog().subscribe(store.context, (events) => {
    for (const { position } of events) {
      if (position > last + 1n) throw new Error(`nothing was announced between ${last} and ${position}`);
      if (position > last) last = position;
    }
  });
  const started = performance.now();
  const { growth, costs } = await measured(async () => {
    await startRelay();
    await until('all is announced', () => last >= BigInt(EVENTS), 1_800_000);
  });
  const rate = EVENTS / secondsSince(started);
  console.log(
    `relay after an outage: ${whole(EVENTS)} events published and heard at ${whole(rate)}/s (bar ≥ ${whole(BAR.relayPerSecond)}), ${costs}`,
  );
  return rate >= BAR.relayPerSecond && growth <= BAR.growthMb;
}

async function benchReader({ store, openLog }, use) {
  const started = performance.now();
  let read = 0;
  const { growth, costs } = await measured(async () => {
    const tail = use(await createTail({ history: store, log: openLog(), onError }));
    for await (const events of tail.from(0n, new AbortController().signal)) {
      read += events.length;
      if (read >= EVENTS) break;
    }
  });
  console.log(
    `a new reader: ${whole(read)} events caught up at ${whole(read / secondsSince(started))}/s, ${costs}`,
  );
  return growth <= BAR.growthMb;
}

const disposables = createDisposables();
const { use } = disposables;
try {
  const idle = await benchIdle(await arrange(use, 'idle'));
  const world = await arrange(use, 'outage');
  await fill(world);
  process.exitCode = [idle, await benchRelay(world), await benchReader(world, use)].every(Boolean) ? 0 : 1;
} finally {
  await disposables[Symbol.asyncDispose]();
}
