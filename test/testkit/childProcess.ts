import { type ChildProcess, spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { compiledPath } from '../../platform/compiled.js';

export interface StartedProcess extends AsyncDisposable {
  readonly url: string;
  readonly child: ChildProcess;
  /** What it has logged. */
  readonly lines: readonly string[];
  /** Ends it as an operator would. Answers its exit code. */
  stop(signal?: NodeJS.Signals): Promise<number | null>;
}

/** A value for FLEETGRAPH_SIGNING_KEYS. */
export const signingKeys = (): string => `k1:${randomBytes(32).toString('base64')}`;

/**
 * Starts a part of Fleetgraph from its compiled `main`, a path from the project's root without its suffix, on a free port,
 * and waits until it listens.
 */
export async function startChild(main: string, env: NodeJS.ProcessEnv): Promise<StartedProcess> {
  const file = compiledPath(import.meta.url, `../../${main}.js`);
  const child = spawn(process.execPath, [file], {
    env: { PATH: process.env['PATH'], HOME: process.env['HOME'], PORT: '0', LOG_LEVEL: 'info', ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const exited = once(child, 'exit') as Promise<[number | null]>;
  const lines: string[] = [];
  createInterface({ input: child.stderr }).on('line', (line) => lines.push(line));
  const url = await new Promise<string>((resolve, reject) => {
    createInterface({ input: child.stdout }).on('line', (line) => {
      lines.push(line);
      const listening = urlIn(line);
      if (listening !== null) resolve(listening);
    });
    void exited.then(([code]) => reject(new Error(`${main} ended with ${code}:\n${lines.join('\n')}`)));
  });
  return {
    url,
    child,
    lines,
    async stop(signal = 'SIGTERM') {
      child.kill(signal);
      const [code] = await exited;
      return code;
    },
    async [Symbol.asyncDispose]() {
      if (child.exitCode === null && child.signalCode === null) child.kill('SIGKILL');
      await exited;
    },
  };
}

function urlIn(line: string): string | null {
  if (!line.startsWith('{')) return null;
  const { msg, url } = JSON.parse(line) as { msg?: string; url?: string };
  return msg === 'listening' && url !== undefined ? url : null;
}
