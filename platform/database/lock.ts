import { createHash } from 'node:crypto';
import { mkdirSync, readFileSync, realpathSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { connect, createServer, type Server } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';

/** sockaddr_un holds about 100 bytes; a process that takes over adds its id. */
const SOCKET_PATH_MAX = 90;
/** Longer than between a process's last look at a stale lock and its putting its own in that place. */
const SETTLE_MS = 100;

/**
 * Takes a folder for this process alone. PGlite does not lock its folder: a second process would open it too, and lose
 * data. The lock is a listening local socket, which the kernel drops with the process, even on `kill -9`, so a lock
 * whose holder is gone is known by that it does not answer; a file beside it says who holds it. Fails with a sentence
 * that names the holder.
 */
export async function lockFolder(folder: string): Promise<() => Promise<void>> {
  mkdirSync(folder, { recursive: true });
  const real = realpathSync(folder);
  const socketPath = socketFor(real);
  const holderPath = join(real, 'holder.json');
  const server = (await listen(socketPath)) ?? (await takeOver(socketPath));
  if (!server) throw new Error(`The folder ${folder} is in use by ${holder(holderPath)}.`);
  server.unref();
  writeFileSync(holderPath, JSON.stringify({ pid: process.pid, since: new Date().toISOString() }));
  return () => new Promise((resolve) => server.close(() => resolve()));
}

/**
 * Puts our socket in the place of one that nobody answers on. Several may try it at once: the last one has it, and the
 * others see that after a moment. Null when somebody else has the folder.
 */
async function takeOver(socketPath: string): Promise<Server | null> {
  const ownPath = `${socketPath}.${process.pid}`;
  rmSync(ownPath, { force: true });
  const server = await listen(ownPath);
  if (server && !(await answers(socketPath))) {
    renameSync(ownPath, socketPath);
    const ours = statSync(socketPath).ino;
    await setTimeout(SETTLE_MS);
    if (statSync(socketPath).ino === ours) return server;
  }
  server?.close();
  return null;
}

function socketFor(folder: string): string {
  const digest = createHash('sha256').update(folder).digest('hex').slice(0, 24);
  if (process.platform === 'win32') return `\\\\.\\pipe\\fleetgraph-${digest}`;
  const inFolder = join(folder, 'lock');
  return Buffer.byteLength(inFolder) < SOCKET_PATH_MAX
    ? inFolder
    : join(tmpdir(), `fleetgraph-${digest}.lock`);
}

function listen(path: string): Promise<Server | null> {
  return new Promise((resolve, reject) => {
    const server = createServer((socket) => socket.destroy());
    server.once('error', (error: NodeJS.ErrnoException) =>
      error.code === 'EADDRINUSE' ? resolve(null) : reject(error),
    );
    server.listen(path, () => resolve(server));
  });
}

function answers(path: string): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(path, () => {
      socket.destroy();
      resolve(true);
    });
    socket.once('error', () => resolve(false));
  });
}

function holder(path: string): string {
  try {
    const { pid, since } = JSON.parse(readFileSync(path, 'utf8')) as { pid: number; since: string };
    return `process ${pid}, which took it at ${since}`;
  } catch {
    return 'another process';
  }
}
