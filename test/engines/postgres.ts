import { execFile } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import pg from 'pg';
import { startProcess, untilReady } from './engineProcess.js';
import { freePorts } from './freePorts.js';
import { installEngines } from './install.js';
import type { EngineProcess } from './engineProcess.js';

const run = promisify(execFile);
const isRoot = process.getuid?.() === 0;

export type Postgres = {
  /** Of the empty database `fleetgraph`, as its owner. */
  url: string;
  port: number;
  pid(): number;
  /** Creates another empty database and returns its URL. */
  createDatabase(name: string): Promise<string>;
  /** Ends the server: SIGTERM smart, SIGINT fast, SIGQUIT immediate, SIGKILL as in a crash. */
  stop(signal?: NodeJS.Signals): Promise<void>;
  /** Starts it again on the same port and data. */
  start(): Promise<void>;
  [Symbol.asyncDispose](): Promise<void>;
};

/** Starts a PostgreSQL of its own on loopback, with an empty data folder that goes with it. */
export async function startPostgres(settings: Readonly<Record<string, string>> = {}): Promise<Postgres> {
  const { postgres: bin } = await installEngines();
  const folder = await mkdtemp(join(tmpdir(), 'fleetgraph-postgres-'));
  const data = join(folder, 'data');
  // The server refuses to run as root.
  if (isRoot) await run('chown', ['postgres', folder]);
  await run(
    ...asPostgres(join(bin, 'initdb'), [
      '-D',
      data,
      '-U',
      'fleetgraph',
      '-A',
      'trust',
      '-E',
      'UTF8',
      '--locale=C',
    ]),
  );

  const [port = 0] = await freePorts(1);
  const url = (database: string) => `postgresql://fleetgraph@127.0.0.1:${port}/${database}`;
  const all = {
    listen_addresses: '127.0.0.1',
    unix_socket_directories: '',
    timezone: 'UTC',
    max_connections: '200',
    ...settings,
  };
  const args = [
    '-D',
    data,
    '-p',
    String(port),
    ...Object.entries(all).flatMap(([name, value]) => ['-c', `${name}=${value}`]),
  ];
  let server: EngineProcess;
  const start = async () => {
    server = startProcess('postgres', ...asPostgres(join(bin, 'postgres'), args), folder);
    await untilReady([server], () => query(url('postgres'), 'SELECT 1'));
  };
  const createDatabase = async (name: string) => {
    await query(url('postgres'), `CREATE DATABASE ${pg.escapeIdentifier(name)}`);
    return url(name);
  };
  await start();
  await createDatabase('fleetgraph');
  return {
    url: url('fleetgraph'),
    port,
    pid: () => server.pid,
    createDatabase,
    stop: (signal = 'SIGINT') => server.stop(signal),
    start,
    async [Symbol.asyncDispose]() {
      await server.stop('SIGINT');
      await rm(folder, { recursive: true, force: true });
    },
  };
}

async function query(url: string, sql: string): Promise<boolean> {
  const client = new pg.Client({ connectionString: url });
  client.on('error', () => undefined);
  await client.connect();
  try {
    await client.query(sql);
    return true;
  } finally {
    await client.end();
  }
}

/** `setpriv` becomes the command, so that the process id is the server's own. */
const asPostgres = (command: string, args: readonly string[]): [string, string[]] =>
  isRoot
    ? ['setpriv', ['--reuid=postgres', '--regid=postgres', '--init-groups', command, ...args]]
    : [command, [...args]];
