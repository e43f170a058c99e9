import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { compiledPath } from '../../platform/compiled.js';
import { migrationsFolder, openDatabase } from '../../platform/database/database.js';
import { openPglite } from '../../platform/database/pglite.js';
import { createJars } from '../testkit/jars.js';
import { migratedTemplate } from '../testkit/pgliteTemplate.js';
import { randomsOf } from '../testkit/randoms.js';
import { until } from '../testkit/until.js';
import { CONTEXT, contradictions, ensureJarTables, keyFaults, readHistory } from './jarHistory.js';

/** A share of the fifty that `npm run test:faults` does. */
const KILLS = Number(process.env.KILLS ?? 5);

/** Of the history; a command writes some 300. */
const BYTES_BETWEEN_KILLS = 20_000;

/** A migrated folder, and processes that work on it. */
async function arrange() {
  const folder = mkdtempSync(join(tmpdir(), 'fleetgraph-kill-'));
  const historyFile = join(folder, 'history.jsonl');
  const dataFolder = join(folder, 'db');
  const children: ChildProcess[] = [];
  await (await openPglite(dataFolder, migrationsFolder, await migratedTemplate()))[Symbol.asyncDispose]();
  return {
    dataFolder,
    history: () => readHistory(historyFile),
    bytesWritten: () => statSync(historyFile, { throwIfNoEntry: false })?.size ?? 0,
    startLoad(seed: number) {
      const program = compiledPath(import.meta.url, './jarLoad.js');
      const child = spawn(process.execPath, [program, dataFolder, historyFile, String(seed)], {
        stdio: ['ignore', 'pipe', 'inherit'],
      });
      children.push(child);
      const ready = once(child.stdout, 'data');
      return {
        pid: child.pid ?? 0,
        ready,
        async kill() {
          const gone = once(child, 'exit');
          child.kill('SIGKILL');
          expect(await gone).toEqual([null, 'SIGKILL']);
        },
      };
    },
    [Symbol.dispose]() {
      for (const child of children) child.kill('SIGKILL');
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

test(
  `after each of ${KILLS} kills the store holds what was acknowledged, once, and nothing that was refused`,
  async () => {
    using world = await arrange();
    const randoms = randomsOf();
    for (let kill = 1; kill <= KILLS; kill++) {
      const load = world.startLoad(randoms.below(2 ** 31));
      if (kill % 5 === 0) {
        // In the middle of its start, wherever that is.
        await setTimeout(randoms.below(700));
      } else {
        await load.ready;
        const written = world.bytesWritten() + randoms.below(BYTES_BETWEEN_KILLS);
        await until('so much has happened', () => world.bytesWritten() > written);
      }
      await load.kill();

      await using database = await openDatabase({ url: `pglite:${world.dataFolder}` });
      await ensureJarTables(database);
      const jars = createJars(database, { context: CONTEXT });
      const history = world.history();
      const found = { kill, seed: randoms.seed, stored: await contradictions(database, jars, history) };
      expect(found).toEqual({ ...found, stored: [] });
      const keys = await keyFaults(jars, history, 20);
      const after = await contradictions(database, jars, history);
      expect({ ...found, keys, after }).toEqual({ ...found, keys: [], after: [] });
    }
    const { ok, refused } = world.history();
    expect(ok.size).toBeGreaterThan(KILLS);
    expect(refused.size).toBeGreaterThan(0);
  },
  KILLS * 30_000,
);

test('whoever opens a folder that is in use is told which process has it', async () => {
  using world = await arrange();
  const load = world.startLoad(1);
  await load.ready;
  await expect(openDatabase({ url: `pglite:${world.dataFolder}` })).rejects.toThrow(
    `is in use by process ${load.pid}`,
  );
  await load.kill();
  await using database = await openDatabase({ url: `pglite:${world.dataFolder}` });
  expect(database.kind).toBe('pglite');
});
