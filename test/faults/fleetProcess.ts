import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { developmentToken } from '../../embedded/issuer/developmentToken.js';
import { compiledPath } from '../../platform/compiled.js';

/** What `npm start` runs, on a data folder and free ports; `environment` comes last. */
export interface FleetProcess {
  readonly pid: number;
  /** Resolves once it serves; fails with what it said if it ends before. */
  readonly ready: Promise<RunningFleet>;
  /** Ends it: its exit code, and null if the signal itself ended it. */
  end(signal: NodeJS.Signals): Promise<number | null>;
}

export interface RunningFleet {
  readonly url: string;
  token(username: string): Promise<string>;
}

export function startFleetProcess(dataFolder: string, environment: NodeJS.ProcessEnv = {}): FleetProcess {
  const child = spawn(process.execPath, [compiledPath(import.meta.url, '../../fleet/main.js')], {
    env: {
      PATH: process.env['PATH'],
      HOME: process.env['HOME'],
      FLEETGRAPH_DATA: dataFolder,
      PORT: '0',
      ISSUER_PORT: '0',
      CLUSTER_PORT: '0',
      ...environment,
    },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const exited = once(child, 'exit') as Promise<[number | null]>;
  const ready = readBanner(child, exited);
  // Whoever kills it while it starts does not wait for it.
  ready.catch(() => {});
  return {
    pid: child.pid ?? 0,
    ready,
    async end(signal) {
      child.kill(signal);
      const [code] = await exited;
      return code;
    },
  };
}

async function readBanner(child: ChildProcess, exited: Promise<unknown>): Promise<RunningFleet> {
  const said: string[] = [];
  const found: { url?: string | undefined; issuer?: string | undefined } = {};
  return new Promise((resolve, reject) => {
    const read = (line: string) => {
      said.push(line);
      found.url ??= /is ready after .*: (http\S+)\/graphql/.exec(line)?.[1];
      found.issuer ??= /^ *sign-in +(http\S+)/.exec(line)?.[1];
      const { url, issuer } = found;
      if (url && issuer) resolve({ url, token: (username) => developmentToken(issuer, username) });
    };
    for (const stream of [child.stdout, child.stderr])
      if (stream) createInterface({ input: stream }).on('line', read);
    void exited.then(() => reject(new Error(said.join('\n'))));
  });
}
