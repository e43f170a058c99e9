import { execFile } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { compiledPath } from '../platform/compiled.js';
import { migrationsFolder, openDatabase } from '../platform/database/database.js';
import { openPglite } from '../platform/database/pglite.js';
import { migratedTemplate } from '../test/testkit/pgliteTemplate.js';

/** Runs one of the mains to its end on a data folder: its exit code and what it said. */
function run(main: string, folder: string, ...parameters: string[]): Promise<{ code: number; said: string }> {
  const file = compiledPath(import.meta.url, `./${main}.js`);
  const env = { PATH: process.env['PATH'], HOME: process.env['HOME'], FLEETGRAPH_DATA: folder };
  return new Promise((resolve) => {
    const child = execFile(process.execPath, [file, ...parameters], { env }, (_error, stdout, stderr) =>
      resolve({ code: child.exitCode ?? -1, said: stdout + stderr }),
    );
  });
}

test('the demo world is loaded once, its read models are rebuilt by name, and never while somebody has the folder', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'fleetgraph-seed-'));
  const template = await migratedTemplate();
  await (await openPglite(join(folder, 'db'), migrationsFolder, template))[Symbol.asyncDispose]();
  try {
    expect(await run('seedMain', folder)).toEqual({ code: 0, said: 'The demo world is loaded.\n' });
    expect(await run('seedMain', folder)).toEqual({ code: 0, said: 'The demo world was there already.\n' });

    const rebuilt = await run('rebuildMain', folder, 'billing');
    expect(rebuilt.code).toBe(0);
    expect(rebuilt.said).toMatch(
      /^billing: entities from \d+ events\n(billing: \S+ from \d+ events of \w+\n)+$/,
    );
    const unknown = await run('rebuildMain', folder, 'nonsense');
    expect(unknown).toMatchObject({
      code: 1,
      said: expect.stringContaining('no context nonsense') as string,
    });

    await using _held = await openDatabase({ url: `pglite:${join(folder, 'db')}` });
    expect(await run('rebuildMain', folder)).toMatchObject({
      code: 1,
      said: expect.stringContaining(`is in use by process ${process.pid}`) as string,
    });
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
});
