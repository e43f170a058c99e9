import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, openSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';

/** One process of an engine. Its output goes to a file, whose end explains a failure. */
export type EngineProcess = {
  name: string;
  pid: number;
  hasEnded(): boolean;
  /** Null while it runs, and if a signal ended it. */
  exitCode(): number | null;
  /** Sends the signal and waits for the end. A process that has not ended after 20 s is killed. */
  stop(signal?: NodeJS.Signals): Promise<void>;
  lastLines(): string;
};

export function startProcess(
  name: string,
  command: string,
  args: readonly string[],
  folder: string,
  env: NodeJS.ProcessEnv = process.env,
): EngineProcess {
  const logFile = join(folder, `${name}.log`);
  const log = openSync(logFile, 'a');
  const child = spawn(command, args, { cwd: folder, env, stdio: ['ignore', log, log] });
  closeSync(log);
  const ended = once(child, 'exit').catch(() => undefined);
  const hasEnded = () => child.exitCode !== null || child.signalCode !== null || child.pid === undefined;
  return {
    name,
    pid: child.pid ?? 0,
    hasEnded,
    exitCode: () => child.exitCode,
    async stop(signal = 'SIGTERM') {
      if (hasEnded()) return;
      child.kill(signal);
      const timer = setTimeout(() => child.kill('SIGKILL'), 20_000);
      await ended;
      clearTimeout(timer);
    },
    lastLines: () => readFileSync(logFile, 'utf8').split('\n').slice(-8).join('\n'),
  };
}

/** Waits until the engine answers. Rejects when one of its processes ends first, or after the time. */
export async function untilReady(
  processes: readonly EngineProcess[],
  isReady: () => Promise<boolean>,
  timeoutMs = 60_000,
): Promise<void> {
  const deadlineMs = performance.now() + timeoutMs;
  while (!(await isReady().catch(() => false))) {
    const ended = processes.find((each) => each.hasEnded());
    if (ended) throw new Error(`${ended.name} ended:\n${ended.lastLines()}`);
    if (performance.now() > deadlineMs) {
      throw new Error(
        `Not ready in time:\n${processes.map((each) => `${each.name}\n${each.lastLines()}`).join('\n')}`,
      );
    }
    await delay(50);
  }
}
