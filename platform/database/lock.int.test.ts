import { mkdtempSync, readdirSync, renameSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { lockFolder } from './lock.js';

function arrange() {
  const folder = mkdtempSync(join(tmpdir(), 'fleetgraph-lock-'));
  return { folder, [Symbol.dispose]: () => rmSync(folder, { recursive: true, force: true }) };
}

test('a folder has one holder at a time, and whoever comes second is told who has it', async () => {
  using world = arrange();
  const release = await lockFolder(world.folder);
  await expect(lockFolder(world.folder)).rejects.toThrow(
    `is in use by process ${process.pid}, which took it at 2`,
  );
  await release();
  await (
    await lockFolder(world.folder)
  )();
});

test('a folder whose path is too long for a socket is locked all the same', async () => {
  using world = arrange();
  const deep = join(world.folder, 'x'.repeat(120));
  const release = await lockFolder(deep);
  await expect(lockFolder(deep)).rejects.toThrow('in use');
  await release();
});

/** Leaves a socket file behind that nobody listens on, as a killed process does. */
async function leaveStaleLock(folder: string): Promise<void> {
  const server = createServer();
  const elsewhere = join(folder, 'moved');
  await new Promise<void>((resolve) => server.listen(elsewhere, resolve));
  renameSync(elsewhere, join(folder, 'lock'));
  await new Promise((resolve) => server.close(resolve));
  expect(readdirSync(folder)).toContain('lock');
}

test('a lock that a killed process left is taken over', async () => {
  using world = arrange();
  await leaveStaleLock(world.folder);
  const release = await lockFolder(world.folder);
  await expect(lockFolder(world.folder)).rejects.toThrow('in use');
  await release();
});
