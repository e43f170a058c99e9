import { createHash } from 'node:crypto';
import { mkdirSync, readFileSync, realpathSync, unlinkSync, writeFileSync } from 'node:fs';
import { connect, createServer, type Server } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const ATTEMPTS_MAX = 3;
/** sockaddr_un holds about 100 bytes. */
const SOCKET_PATH_MAX = 100;

/**
 * Takes a folder for this process alone. PGlite does not lock its folder: a second process would open it too, and lose
 * data. The lock is a listening local socket, which the kernel drops with the process, even on `kill -9`, so there is
 * no stale lock to reason about; a file beside it says who holds it. Fails with a sentence that names the holder.
 */
export async function lockFolder(folder: string): Promise<() => Promise<void>> {
  mkdirSync(folder, { recursive: true });
  const real = realpathSync(folder);
  const socketPath = socketFor(real);
  const holderPath = join(real, 'holder.json');
  for (let attempt = 0; attempt < ATTEMPTS_MAX; attempt++) {
    const server = await listen(socketPath);
    if (server) {
      server.unref();
      writeFileSync(holderPath, JSON.stringify({ pid: process.pid, since: new Date().toISOString() }));
      return () => new Promise((resolve) => server.close(() => resolve()));
    }
    if (await answers(socketPath))
      throw new Error(`The folder ${folder} is in use by ${holder(holderPath)}.`);
    removeStale(socketPath);
  }
  throw new Error(`The folder ${folder} could not be locked.`);
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

function removeStale(path: string): void {
  try {
    unlinkSync(path);
  } catch {
    // Another process removed it first; the next attempt finds out who has the folder.
  }
}

function holder(path: string): string {
  try {
    const { pid, since } = JSON.parse(readFileSync(path, 'utf8')) as { pid: number; since: string };
    return `process ${pid}, which took it at ${since}`;
  } catch {
    return 'another process';
  }
}
