import { expect, test } from 'vitest';
import { startPostgres } from '../engines/postgres.js';
import { databaseOn } from '../testkit/testDatabase.js';
import { runOrderLoad } from './orderLoad.js';

/** A share of the million that `npm run test:faults` goes through. */
const EVENTS = Number(process.env.ORDER_EVENTS ?? 100_000);
const SEEDED_EVENTS = 20_000;
const COLLIDING_EVENTS = 500;

const LOCK = /PERFORM pg_advisory_xact_lock\(.*?\);\n/;
const HEAD = /SELECT coalesce\(max\(position\), 0\) INTO head .*?;\n/;

async function arrange() {
  const server = await startPostgres();
  const database = await databaseOn(server.url);
  const append = async () => {
    const [row] = await database.prisma.$queryRaw<{ definition: string }[]>`
      SELECT pg_get_functiondef('eventlog.append'::regproc) AS definition`;
    return row?.definition ?? '';
  };
  return {
    database,
    /** Replaces append by a variant of itself; fails where there is nothing to replace. */
    async seed(bug: (definition: string) => string) {
      const right = await append();
      const wrong = bug(right);
      expect(wrong).not.toBe(right);
      await database.asOwner(`CREATE SEQUENCE eventlog.place; ${wrong}`);
    },
    async [Symbol.asyncDispose]() {
      await database[Symbol.asyncDispose]();
      await server[Symbol.asyncDispose]();
    },
  };
}

test(
  'a reader that goes by position skips no event, whatever commits late, rolls back or is killed',
  async () => {
    await using world = await arrange();
    const { seed, stored, seen, acknowledged, rolledBack, killed, collisions } = await runOrderLoad(
      world.database,
      EVENTS,
    );
    for (const ids of seen) expect({ seed, ids }).toEqual({ seed, ids: stored });
    const kept = new Set(stored);
    const lost = [...acknowledged].filter((id) => !kept.has(id));
    expect({ seed, lost, collisions }).toEqual({ seed, lost: [], collisions: 0 });
    // The faults have happened, or nothing was proven.
    expect(rolledBack).toBeGreaterThan(EVENTS / 2_000);
    expect(killed).toBeGreaterThan(EVENTS / 10_000);
  },
  300_000 + EVENTS,
);

test("seeded bug: without the context lock appends take each other's positions", async () => {
  await using world = await arrange();
  await world.seed((definition) => definition.replace(LOCK, ''));
  const outcome = await runOrderLoad(world.database, COLLIDING_EVENTS);
  expect(outcome.collisions).toBeGreaterThan(0);
});

test('seeded bug: with positions from a sequence, and no lock, readers skip events for ever', async () => {
  await using world = await arrange();
  await world.seed((definition) =>
    definition.replace(LOCK, '').replace(HEAD, `head := nextval('eventlog.place') * 1000;\n`),
  );
  const outcome = await runOrderLoad(world.database, SEEDED_EVENTS);
  const skipped = outcome.seen.map((seen) => outcome.stored.length - new Set(seen).size);
  expect(Math.min(...skipped)).toBeGreaterThan(0);
});
