import { createLog, type Log, type LogLevel } from '../telemetry/log.js';
import { startTelemetry } from '../telemetry/telemetry.js';

/** A process that listens. Disposing it finishes what is under way. */
export interface RunningProcess extends AsyncDisposable {
  readonly url: string;
  /** Resolves when everything that it waits for is there. */
  readonly ready: Promise<void>;
}

/**
 * The life of a process, from its environment to SIGTERM or SIGINT. One that cannot start, or whose start fails later,
 * says why and ends with code 1. Call it from a main.ts alone.
 */
export async function runProcess<Config extends { logLevel: LogLevel }>(options: {
  name: string;
  readConfig: (env: NodeJS.ProcessEnv) => Config;
  start: (config: Config, log: Log) => Promise<RunningProcess>;
}): Promise<void> {
  const { name, readConfig, start } = options;
  let config: Config;
  try {
    config = readConfig(process.env);
  } catch (error) {
    process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
    process.exit(1);
  }
  const log = createLog({ name, level: config.logLevel });
  let stopping = false;
  let telemetry: AsyncDisposable | undefined;
  const stop = async (running: RunningProcess, code: number) => {
    if (stopping) return;
    stopping = true;
    await running[Symbol.asyncDispose]();
    await telemetry?.[Symbol.asyncDispose]();
    process.exit(code);
  };
  try {
    telemetry = await startTelemetry(process.env, name, log);
    const running = await start(config, log);
    log.info({ url: running.url }, 'listening');
    for (const signal of ['SIGTERM', 'SIGINT'] as const)
      process.once(signal, () => {
        log.info({ signal }, 'stopping');
        void stop(running, 0).catch(fail);
      });
    running.ready.then(
      () => {
        if (!stopping) log.info('ready');
      },
      (error: unknown) => {
        log.fatal({ error }, 'cannot start');
        void stop(running, 1).catch(fail);
      },
    );
  } catch (error) {
    fail(error);
  }

  function fail(error: unknown): never {
    log.fatal({ error }, 'failed');
    process.exit(1);
  }
}
