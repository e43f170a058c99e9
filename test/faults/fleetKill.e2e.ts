import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { migrationsFolder, openDatabase } from '../../platform/database/database.js';
import { openPglite } from '../../platform/database/pglite.js';
import { migratedTemplate } from '../testkit/pgliteTemplate.js';
import { randomsOf } from '../testkit/randoms.js';
import { until } from '../testkit/until.js';
import { createOperations, createSender, type FleetHistory, type FleetOperation } from './fleetLoad.js';
import { fleetContradictions } from './fleetOracle.js';
import { type FleetProcess, type RunningFleet, startFleetProcess } from './fleetProcess.js';
import { findVision, isSettled, repeat } from './fleetRun.js';

/** A share of those that `npm run test:faults` does. */
const KILLS = Number(process.env.FLEET_KILLS ?? 1);
const CALLERS = 4;
/** Between a start and a kill, at most. */
const ACKNOWLEDGED_MAX = 40;

async function arrange() {
  const folder = mkdtempSync(join(tmpdir(), 'fleetgraph-kill-'));
  const template = await migratedTemplate();
  await (await openPglite(join(folder, 'db'), migrationsFolder, template))[Symbol.asyncDispose]();
  const started: FleetProcess[] = [];
  return {
    folder,
    start() {
      const child = startFleetProcess(folder);
      started.push(child);
      return child;
    },
    openDatabase: () => openDatabase({ url: `pglite:${join(folder, 'db')}` }),
    async [Symbol.asyncDispose]() {
      for (const child of started) await child.end('SIGKILL');
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

/** Sends until the process is gone; `acknowledged` counts what was answered. */
async function loadUntilGone(
  fleet: RunningFleet,
  history: FleetHistory,
  next: () => FleetOperation,
  acknowledged: () => void,
): Promise<void> {
  const send = await createSender(fleet);
  const caller = async () => {
    for (;;) {
      const operation = next();
      history.set(operation.key, { operation, outcome: { at: 'unknown' } });
      const outcome = await send(operation);
      history.set(operation.key, { operation, outcome });
      if (outcome.at === 'unknown') return;
      acknowledged();
    }
  };
  await Promise.all(Array.from({ length: CALLERS }, caller));
}

test(
  `after ${KILLS} kill(s) at any moment of npm start everything acknowledged is there, once, and nothing is half done`,
  async () => {
    await using world = await arrange();
    const randoms = randomsOf();
    const { below } = randoms;
    const history: FleetHistory = new Map();
    const choose = createOperations(randoms, history);

    for (let kill = 1; kill <= KILLS; kill++) {
      const child = world.start();
      if (kill % 5 === 0) {
        // In the middle of its start, wherever that is.
        await setTimeout(below(3_000));
        await child.end('SIGKILL');
        continue;
      }
      const fleet = await child.ready;
      const visionId = await findVision(fleet);
      let left = 1 + below(ACKNOWLEDGED_MAX);
      await loadUntilGone(
        fleet,
        history,
        () => choose(visionId),
        () => {
          left -= 1;
          if (left === 0) void setTimeout(below(50)).then(() => child.end('SIGKILL'));
        },
      );
    }

    const child = world.start();
    const fleet = await child.ready;
    const repeats = await repeat(fleet, history);
    expect({ seed: randoms.seed, repeats }).toEqual({ seed: randoms.seed, repeats: [] });
    const visionId = await findVision(fleet);
    await until('no instance is on its way', () => isSettled(fleet, visionId), 60_000);
    expect(await child.end('SIGTERM')).toBe(0);

    await using database = await world.openDatabase();
    const stored = await fleetContradictions(database, history);
    expect({ seed: randoms.seed, stored }).toEqual({ seed: randoms.seed, stored: [] });
    expect([...history.values()].filter(({ outcome }) => outcome.at === 'ok').length).toBeGreaterThan(KILLS);
  },
  60_000 + KILLS * 60_000,
);

test('a second start on the same folder is refused with a sentence that says who holds it', async () => {
  await using world = await arrange();
  const first = world.start();
  await first.ready;
  await expect(world.start().ready).rejects.toThrow(
    new RegExp(`^Fleetgraph cannot start: .*is in use by process ${first.pid}, which took it at`),
  );
  expect(await first.end('SIGTERM')).toBe(0);
});
