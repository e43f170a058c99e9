import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import pg from 'pg';
import { freePort } from './freePort.js';

export type StopSignal = 'SIGTERM' | 'SIGINT' | 'SIGQUIT' | 'SIGKILL';

/** A private PostgreSQL server on loopback. Its data is gone when it is disposed. */
export interface PostgresServer extends AsyncDisposable {
  /** Of its superuser. */
  readonly url: string;
  /** Folder of the programs that came with it (`psql`, `pgbench`, `pg_dump`). */
  readonly binFolder: string;
  /** SIGTERM waits for clients, SIGINT ends them, SIGQUIT skips the shutdown checkpoint, SIGKILL is a crash. */
  stop(signal: StopSignal): Promise<void>;
  /** Starts it again on the same data and port. */
  start(): Promise<void>;
}

const DEBIAN_FOLDER = '/usr/lib/postgresql';
const READY_WITHIN_MS = 30_000;

/** Starts the newest installed PostgreSQL (15 or later). Fails when there is none: an engine that is missing is no pass. */
export async function startPostgres(
  settings: Readonly<Record<string, string>> = {},
): Promise<PostgresServer> {
  const binFolder = installedBinFolder();
  const dataFolder = mkdtempSync(join(tmpdir(), 'fleetgraph-postgres-'));
  if (isRoot()) execFileSync('chown', ['postgres', dataFolder]);
  const initdb = [
    join(binFolder, 'initdb'),
    '-D',
    dataFolder,
    '-U',
    'fleetgraph',
    '-A',
    'trust',
    '-E',
    'UTF8',
    '--locale=C',
  ];
  const [program = '', ...programArguments] = asServerUser(initdb);
  execFileSync(program, programArguments, { stdio: 'ignore' });
  const port = await freePort();
  const url = `postgresql://fleetgraph@127.0.0.1:${port}/postgres`;
  const options = {
    listen_addresses: '127.0.0.1',
    unix_socket_directories: '',
    timezone: 'UTC',
    max_connections: '200',
    ...settings,
  };
  const command = [
    ...[join(binFolder, 'postgres'), '-D', dataFolder, '-p', String(port)],
    ...Object.entries(options).flatMap(([name, value]) => ['-c', `${name}=${value}`]),
  ];
  let server: ChildProcess | null = null;

  async function start(): Promise<void> {
    const [executable = '', ...rest] = asServerUser(command);
    server = spawn(executable, rest, { stdio: 'ignore' });
    await untilReady(url, server);
  }

  async function stop(signal: StopSignal): Promise<void> {
    if (!server || server.exitCode !== null || server.signalCode !== null) return;
    const gone = once(server, 'exit');
    server.kill(signal);
    await gone;
  }

  await start();
  return {
    url,
    binFolder,
    stop,
    start,
    async [Symbol.asyncDispose]() {
      await stop('SIGQUIT');
      rmSync(dataFolder, { recursive: true, force: true });
    },
  };
}

function installedBinFolder(): string {
  const versions = existsSync(DEBIAN_FOLDER) ? readdirSync(DEBIAN_FOLDER).map(Number) : [];
  const newest = Math.max(0, ...versions.filter(Number.isFinite));
  if (newest < 15) throw new Error('PostgreSQL 15 or newer is not installed: apt-get install postgresql');
  return join(DEBIAN_FOLDER, String(newest), 'bin');
}

const isRoot = () => process.getuid?.() === 0;

/** The server refuses root; setpriv (unlike su) leaves the process id to the server itself, so that signals reach it. */
const asServerUser = (command: readonly string[]): string[] =>
  isRoot() ? ['setpriv', '--reuid=postgres', '--regid=postgres', '--init-groups', ...command] : [...command];

async function untilReady(connectionString: string, server: ChildProcess): Promise<void> {
  const deadline = Date.now() + READY_WITHIN_MS;
  for (;;) {
    const client = new pg.Client({ connectionString });
    try {
      await client.connect();
      return;
    } catch (error) {
      if (server.exitCode !== null)
        throw new Error(`PostgreSQL ended with ${server.exitCode}`, { cause: error });
      if (Date.now() > deadline) throw error;
      await new Promise((resolve) => setTimeout(resolve, 50));
    } finally {
      await client.end().catch(() => {});
    }
  }
}
