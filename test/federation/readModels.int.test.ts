import { afterAll, beforeAll, expect, test } from 'vitest';
import { SUBGRAPH_NAMES } from '../../contracts/subgraphs.js';
import { rebuildAll } from '../../fleet/rebuild.js';
import { startFleet, type TestFleet } from '../testkit/fleet.js';
import { dumpSchema } from '../testkit/liveEqualsRebuilt.js';
import { randomsOf } from '../testkit/randoms.js';
import { until } from '../testkit/until.js';
import { createRandomCommands } from './randomCommands.js';

/** A share of the two thousand that `npm run test:faults` does. */
const COMMANDS = Number(process.env.COMMANDS ?? 150);
const CALLERS = 6;
const UNSETTLED = ['PROVISIONING', 'CONFIGURING', 'STARTING', 'STOPPING', 'TERMINATING'];

let fleet: TestFleet;
beforeAll(async () => {
  fleet = await startFleet();
});
afterAll(() => fleet[Symbol.asyncDispose]());

const prisma = () => fleet.fleet.core.database.prisma;

/** Nothing is under way in the cluster, and every reader has read everything. */
async function isQuiet(): Promise<boolean> {
  if ((await prisma().instance.count({ where: { phase: { in: UNSETTLED } } })) > 0) return false;
  const heads = await Promise.all(
    SUBGRAPH_NAMES.map(async (name) => [name, await fleet.fleet.core[name].spine.store.head()] as const),
  );
  const checkpoints = await prisma().checkpoint.findMany();
  return heads.every(([name, head]) =>
    checkpoints.every(({ context, position }) => context !== name || position === head),
  );
}

test(
  `after ${COMMANDS} random commands in all subgraphs every read model equals the one rebuilt from the events`,
  async () => {
    const randoms = randomsOf();
    const commands = await createRandomCommands(fleet, randoms);
    let left = COMMANDS;
    const caller = async () => {
      while (left-- > 0) await commands.next();
    };
    await Promise.all(Array.from({ length: CALLERS }, caller));
    await until('everything is quiet', isQuiet, 60_000);

    const dump = () =>
      Promise.all(SUBGRAPH_NAMES.map((schema) => dumpSchema(fleet.fleet.core.database, schema)));
    const live = await dump();
    await rebuildAll(fleet.fleet.core.database, () => {});
    expect({ seed: randoms.seed, tables: await dump() }).toEqual({ seed: randoms.seed, tables: live });
    const { accepted, refused } = commands.outcomes();
    expect(refused).toBeGreaterThan(0);
    expect(accepted).toBeGreaterThan(COMMANDS / 4);
  },
  60_000 + COMMANDS * 500,
);
