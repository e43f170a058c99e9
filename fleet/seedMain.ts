import 'reflect-metadata';
import { openDatabase } from '../platform/database/database.js';
import { createLog } from '../platform/telemetry/log.js';
import { readConfig } from './config.js';
import { createFleetCore } from './core.js';
import { seedDemo } from './seed.js';

// What `npm run seed` runs: the demo world into an empty store, where nobody has started with it.
try {
  const { database, cluster, logLevel } = readConfig(process.env);
  await using core = await createFleetCore({
    openDatabase: () => openDatabase(database),
    clusterId: cluster.id,
    log: createLog({ name: 'seed', level: logLevel }),
  });
  console.log((await seedDemo(core)) ? 'The demo world is loaded.' : 'The demo world was there already.');
} catch (error) {
  console.error(error instanceof Error ? `Nothing was loaded further: ${error.message}` : error);
  process.exitCode = 1;
}
