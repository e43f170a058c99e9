import { afterAll, expect, test } from 'vitest';
import { type Postgres, startPostgres } from '../engines/postgres.js';
import { createJars, JAR_TABLES } from '../testkit/jars.js';
import { randomsOf } from '../testkit/randoms.js';
import { databaseOn } from '../testkit/testDatabase.js';
import { until } from '../testkit/until.js';
import { callJars } from './jarCalls.js';
import { CONTEXT, contradictions, type HistoryEntry, keyFaults, toHistory } from './jarHistory.js';
import { shareOf } from './share.js';

const BACK_WITHIN_MS = 10_000;
const BETWEEN_FAULTS = 40;
const ROUNDS = Number(process.env['FAULTS'] === 'all' ? 5 : 1);

const server = await startPostgres();
afterAll(() => server[Symbol.asyncDispose]());

/** Jars under load on a database of their own, whose history grows. */
async function arrange() {
  const database = await databaseOn(server.url);
  await database.asOwner(JAR_TABLES);
  const jars = createJars(database, { context: CONTEXT });
  const randoms = randomsOf();
  const entries: HistoryEntry[] = [];
  const stop = new AbortController();
  const load = callJars({
    jars,
    randoms,
    signal: stop.signal,
    note: (entry) => void entries.push(entry),
  });
  // It fails the test where it is awaited.
  load.catch(() => {});
  /** Resolves once so many operations are acknowledged that were not asked for before. */
  const acknowledged = async (count: number) => {
    const before = new Set(toHistory(entries).asked.keys());
    const fresh = () => entries.filter(({ at, key }) => at === 'ok' && !before.has(key)).length;
    await until(`${count} more operations are acknowledged`, () => fresh() >= count);
  };
  return {
    database,
    jars,
    seed: randoms.seed,
    acknowledged,
    async history() {
      stop.abort();
      await load;
      return toHistory(entries);
    },
    async [Symbol.asyncDispose]() {
      stop.abort();
      await load.catch(() => {});
      await database[Symbol.asyncDispose]();
    },
  };
}

type World = Awaited<ReturnType<typeof arrange>>;

const restart = (signal: NodeJS.Signals) => async (_world: World, postgres: Postgres) => {
  await postgres.stop(signal);
  await postgres.start();
};

const FAULTS: Readonly<Record<string, (world: World, postgres: Postgres) => Promise<void>>> = {
  'restarted fast': restart('SIGINT'),
  'restarted at once': restart('SIGQUIT'),
  killed: restart('SIGKILL'),
  'rid of all its backends': ({ database }) =>
    database.asOwner(`SELECT pg_terminate_backend(pid) FROM pg_stat_activity
      WHERE datname = current_database() AND pid <> pg_backend_pid()`),
};
const CONTROL = 'left alone';

test.each([CONTROL, ...shareOf('Faults of PostgreSQL', Object.keys(FAULTS), 2)])(
  'a server that is %s under load loses nothing acknowledged, repeats nothing, and serves again within 10 s',
  async (name) => {
    await using world = await arrange();
    for (let round = 0; round < ROUNDS; round++) {
      await world.acknowledged(BETWEEN_FAULTS);
      await FAULTS[name]?.(world, server);
      const returned = performance.now();
      await world.acknowledged(1);
      expect(performance.now() - returned).toBeLessThan(BACK_WITHIN_MS);
    }
    await world.acknowledged(BETWEEN_FAULTS);
    const history = await world.history();
    const { seed, database, jars } = world;
    expect({ seed, stored: await contradictions(database, jars, history) }).toEqual({ seed, stored: [] });
    expect({ seed, keys: await keyFaults(jars, history, 50) }).toEqual({ seed, keys: [] });
    // Every operation has an outcome in the end, as a client that goes on asking has.
    expect(history.ok.size + history.refused.size).toBe(history.asked.size);
  },
);
