// The event store: a bare append on PostgreSQL against pgbench running the same statement, in alternating rounds; then,
// on PGlite, what a command takes, and how long after its commit a feed has the event.
import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { v7 as uuidv7 } from 'uuid';
import { createDisposables } from '../../dist/platform/disposables.js';
import { createEventStore } from '../../dist/platform/eventStore/eventStore.js';
import { entityFeed } from '../../dist/platform/feed/entityFeed.js';
import { installEngines } from '../../dist/test/engines/install.js';
import { startPostgres } from '../../dist/test/engines/postgres.js';
import { announced } from '../../dist/test/testkit/announced.js';
import { hearJars } from '../../dist/test/testkit/heardJars.js';
import { jarAggregate, jarDatabase } from '../../dist/test/testkit/jars.js';
import { databaseOn } from '../../dist/test/testkit/testDatabase.js';

const CALLERS = 16;
const ROUNDS = 5;
const ROUND_SECONDS = 4;
const COMMANDS = 400;
const PAYLOAD = { text: 'x'.repeat(400) };
const BAR = { append: 0.5, feedP99Ms: 25 };

const median = (values) => values.toSorted((a, b) => a - b)[values.length >> 1];
const percentile = (values, share) => values.toSorted((a, b) => a - b)[Math.ceil(values.length * share) - 1];
const round = (value, digits = 2) => Number(value.toFixed(digits));

/** Appends per second of so many pgbench clients. */
async function pgbench(bin, url) {
  const script = fileURLToPath(new URL('append.sql', import.meta.url));
  const { hostname, port, username, pathname } = new URL(url);
  const { stdout } = await promisify(execFile)(join(bin, 'pgbench'), [
    ...['-h', hostname, '-p', port, '-U', username, '-n', '-M', 'extended'],
    ...['-c', String(CALLERS), '-j', '2', '-T', String(ROUND_SECONDS)],
    ...['-D', `data=${JSON.stringify(PAYLOAD)}`, '-f', script, pathname.slice(1)],
  ]);
  return Number(/tps = ([\d.]+)/.exec(stdout)[1]);
}

/** Appends per second of so many callers of our store. */
async function ours(database) {
  const store = createEventStore(database.prisma, 'bench');
  const until = performance.now() + ROUND_SECONDS * 1_000;
  let appended = 0;
  const caller = async () => {
    while (performance.now() < until) {
      const { position: _, recordedAt: __, ...event } = announced('bench', 1n);
      const id = uuidv7();
      await store.append(database.prisma, [
        { ...event, id, streamId: `stream_${id}`, version: 1, data: PAYLOAD },
      ]);
      appended++;
    }
  };
  await Promise.all(Array.from({ length: CALLERS }, caller));
  return appended / ROUND_SECONDS;
}

async function benchAppend(use) {
  const { postgres: bin } = await installEngines();
  const server = use(await startPostgres());
  const database = use(await databaseOn(server.url, CALLERS));
  const rounds = [];
  for (let n = 0; n < ROUNDS; n++) {
    const peer = await pgbench(bin, database.url);
    const own = await ours(database);
    rounds.push({ own, peer, ratio: own / peer });
  }
  const ratio = median(rounds.map((each) => each.ratio));
  const [own, peer] = ['own', 'peer'].map((name) => Math.round(median(rounds.map((each) => each[name]))));
  console.log(
    `bare append, PostgreSQL, ${CALLERS} callers: ${own}/s, pgbench ${peer}/s: ${round(ratio)} × (bar ≥ ${BAR.append})`,
  );
  return ratio >= BAR.append;
}

async function benchCommands(use) {
  const database = use(await jarDatabase());
  const { jars, tail } = use(await hearJars(database));
  const id = 'jar_1';
  await jars.make(id);
  const stop = new AbortController();
  const feed = entityFeed({
    store: jars.store,
    tail,
    aggregate: jarAggregate,
    id,
    after: null,
    signal: stop.signal,
  });
  await feed.next();
  const [commands, deliveries] = [[], []];
  for (let n = 0; n < COMMANDS; n++) {
    const arriving = feed.next().then(() => performance.now());
    const asked = performance.now();
    await jars.add(`other_${n}`, 1); // another stream: the fold does not grow
    commands.push(performance.now() - asked);
    await jars.add(id, 1);
    const committed = performance.now();
    deliveries.push(Math.max(0, (await arriving) - committed));
  }
  stop.abort();
  const [p50, p99] = [0.5, 0.99].map((share) => round(percentile(commands, share)));
  const delivered = round(percentile(deliveries, 0.99));
  console.log(`command on PGlite, one caller: p50 ${p50} ms, p99 ${p99} ms`);
  console.log(`commit → feed in process, idle: p99 ${delivered} ms (bar ≤ ${BAR.feedP99Ms})`);
  return delivered <= BAR.feedP99Ms;
}

const disposables = createDisposables();
try {
  const passed = [await benchAppend(disposables.use), await benchCommands(disposables.use)];
  process.exitCode = passed.every(Boolean) ? 0 : 1;
} finally {
  await disposables[Symbol.asyncDispose]();
}
