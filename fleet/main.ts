import 'reflect-metadata';
import { createLog } from '../platform/telemetry/log.js';
import { startTelemetry } from '../platform/telemetry/telemetry.js';
import { createFleet } from './app.js';
import { greet } from './banner.js';
import { readConfig } from './config.js';

try {
  const config = readConfig(process.env);
  const log = createLog({ name: 'fleetgraph', level: config.logLevel });
  const telemetry = await startTelemetry(process.env, 'fleetgraph', log);
  const fleet = await createFleet(config, log);
  // Counted from the start of the process, which also loads modules.
  await greet(fleet, config, performance.now());
  for (const signal of ['SIGINT', 'SIGTERM'] as const)
    process.once(signal, () => {
      console.log('\nStopping …');
      void stop().then(
        () => process.exit(0),
        (error: unknown) => {
          console.error(error);
          process.exit(1);
        },
      );
    });

  async function stop(): Promise<void> {
    await fleet[Symbol.asyncDispose]();
    await telemetry[Symbol.asyncDispose]();
  }
} catch (error) {
  console.error(error instanceof Error ? `Fleetgraph cannot start: ${error.message}` : error);
  process.exit(1);
}
