import 'reflect-metadata';
import { createLog } from '../platform/telemetry/log.js';
import { createFleet } from './app.js';
import { greet } from './banner.js';
import { readConfig } from './config.js';

try {
  const config = readConfig(process.env);
  const fleet = await createFleet(config, createLog({ name: 'fleetgraph', level: config.logLevel }));
  // Counted from the start of the process, which also loads modules.
  await greet(fleet, config, performance.now());
  for (const signal of ['SIGINT', 'SIGTERM'] as const)
    process.once(signal, () => {
      console.log('\nStopping …');
      void fleet[Symbol.asyncDispose]().then(
        () => process.exit(0),
        (error: unknown) => {
          console.error(error);
          process.exit(1);
        },
      );
    });
} catch (error) {
  console.error(error instanceof Error ? `Fleetgraph cannot start: ${error.message}` : error);
  process.exit(1);
}
