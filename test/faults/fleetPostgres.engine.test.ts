import { execFile } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, expect, test } from 'vitest';
import { openDatabase } from '../../platform/database/database.js';
import { installEngines } from '../engines/install.js';
import { startPostgres } from '../engines/postgres.js';
import { randomsOf } from '../testkit/randoms.js';
import { until } from '../testkit/until.js';
import { createOperations, type FleetHistory } from './fleetLoad.js';
import { fleetContradictions } from './fleetOracle.js';
import { startFleetProcess } from './fleetProcess.js';
import { findVision, isSettled, loadUntil, repeat } from './fleetRun.js';
import { shareOf } from './share.js';

const run = promisify(execFile);
const BACK_WITHIN_MS = 10_000;
const BETWEEN_FAULTS = 20;
const SETTLED_WITHIN_MS = 60_000;

const server = await startPostgres();
afterAll(() => server[Symbol.asyncDispose]());
let databases = 0;

/** Fleetgraph as a process under load, on a database of its own. */
async function arrange() {
  const folder = mkdtempSync(join(tmpdir(), 'fleetgraph-postgres-'));
  const url = await server.createDatabase(`fleet_${(databases += 1)}`);
  const child = startFleetProcess(folder, { DATABASE_URL: url });
  const fleet = await child.ready;
  const visionId = await findVision(fleet);
  const randoms = randomsOf();
  const history: FleetHistory = new Map();
  const choose = createOperations(randoms, history);
  const stop = new AbortController();
  const load = loadUntil(fleet, { history, next: () => choose(visionId), signal: stop.signal });
  load.catch(() => {});
  const known = () => new Map([...history].filter(([, { outcome }]) => outcome.at !== 'unknown'));
  return {
    folder,
    url,
    fleet,
    child,
    seed: randoms.seed,
    /** Resolves once so many more operations have an outcome that were not asked for before. */
    async acknowledged(count: number) {
      const before = new Set(history.keys());
      const fresh = () => [...known().keys()].filter((key) => !before.has(key)).length;
      await until(`${count} more operations are answered`, () => fresh() >= count);
    },
    history: () => history,
    known,
    /** Ends the load, waits until nothing is on its way, and says what was answered otherwise than before. */
    async settle() {
      stop.abort();
      await load;
      const repeats = await repeat(fleet, history);
      await until('no instance is on its way', () => isSettled(fleet, visionId), SETTLED_WITHIN_MS);
      return repeats;
    },
    async [Symbol.asyncDispose]() {
      stop.abort();
      await child.end('SIGKILL');
      await load.catch(() => {});
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

const restart = (signal: NodeJS.Signals) => async () => {
  await server.stop(signal);
  await server.start();
};

const FAULTS: Readonly<Record<string, () => Promise<void>>> = {
  'restarted fast': restart('SIGINT'),
  'restarted at once': restart('SIGQUIT'),
  killed: restart('SIGKILL'),
  'left alone (control)': async () => {},
};

test.each(shareOf('Faults of PostgreSQL under Fleetgraph', Object.keys(FAULTS), 1))(
  'Fleetgraph on a server that is %s keeps what it acknowledged, serves again within 10 s, and leaves nothing half done',
  async (name) => {
    await using world = await arrange();
    await world.acknowledged(BETWEEN_FAULTS);
    await FAULTS[name]?.();
    const returned = performance.now();
    await world.acknowledged(1);
    expect(performance.now() - returned).toBeLessThan(BACK_WITHIN_MS);
    await world.acknowledged(BETWEEN_FAULTS);
    const { seed } = world;
    expect({ seed, repeats: await world.settle() }).toEqual({ seed, repeats: [] });
    expect(await world.child.end('SIGTERM')).toBe(0);

    await using database = await openDatabase({ url: world.url });
    const stored = await fleetContradictions(database, world.history());
    expect({ seed, stored }).toEqual({ seed, stored: [] });
  },
);

/** As docs/operations.md says. */
async function dumpTo(file: string, url: string): Promise<void> {
  const { postgres: bin } = await installEngines();
  const env = { ...process.env, PGOPTIONS: '-c fleetgraph.projects=*' };
  await run(join(bin, 'pg_dump'), ['--format=custom', '--enable-row-security', '--file', file, url], { env });
}

async function restoreFrom(file: string, url: string): Promise<void> {
  const { postgres: bin } = await installEngines();
  const env = { ...process.env, PGOPTIONS: '-c fleetgraph.projects=*' };
  await run(join(bin, 'pg_restore'), ['--enable-row-security', '--dbname', url, file], { env });
}

test('a backup taken under load is restored: what was acknowledged before is there, and the rules hold', async () => {
  await using world = await arrange();
  await world.acknowledged(BETWEEN_FAULTS);
  const before = world.known();
  const file = join(world.folder, 'fleetgraph.dump');
  await dumpTo(file, world.url);
  const asked = new Set(world.history().keys());
  await world.acknowledged(BETWEEN_FAULTS);

  const url = await server.createDatabase('restored');
  await restoreFrom(file, url);
  const child = startFleetProcess(join(world.folder, 'restored'), { DATABASE_URL: url, SEED: 'none' });
  const fleet = await child.ready;
  const visionId = await findVision(fleet);
  expect(await repeat(fleet, before)).toEqual([]);
  await until('no instance is on its way', () => isSettled(fleet, visionId), SETTLED_WITHIN_MS);
  expect(await child.end('SIGTERM')).toBe(0);

  await using database = await openDatabase({ url });
  expect(await fleetContradictions(database, before)).toEqual([]);
  const stored = await database.prisma.event.findMany({
    where: { requestId: { startsWith: `${world.seed}-` } },
  });
  expect(stored.filter(({ requestId }) => !asked.has(requestId))).toEqual([]);
});
