import { openDatabase } from '../platform/database/database.js';
import { readConfig } from './config.js';
import { rebuildAll } from './rebuild.js';

// What `npm run rebuild` runs. Stop Fleetgraph first: a folder in use is refused, a server's database is not guarded.
try {
  await using database = await openDatabase(readConfig(process.env).database);
  await rebuildAll(database, (done) => console.log(done));
} catch (error) {
  console.error(error instanceof Error ? `Nothing was rebuilt further: ${error.message}` : error);
  process.exitCode = 1;
}
