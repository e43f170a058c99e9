import 'reflect-metadata';
import { createLog } from '../platform/telemetry/log.js';
import { createFleet } from './app.js';
import { greet } from './banner.js';
import { readConfig } from './config.js';

const started = performance.now();
try {
  const config = readConfig(process.env);
  const fleet = await createFleet(config, createLog({ name: 'fleetgraph', level: config.logLevel }));
  await greet(fleet, config, performance.now() - started);
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
