import { SUBGRAPH_NAMES, type SubgraphName } from '../contracts/subgraphs.js';
import { openDatabase } from '../platform/database/database.js';
import { readConfig } from './config.js';
import { rebuildAll } from './rebuild.js';

// What `npm run rebuild -- [context …]` runs: without a context, all of them. Stop Fleetgraph first: a folder in use is
// refused, a server's database is not guarded.
try {
  const contexts = process.argv.slice(2).map(toContext);
  await using database = await openDatabase(readConfig(process.env).database);
  await rebuildAll(database, (done) => console.log(done), contexts.length > 0 ? contexts : SUBGRAPH_NAMES);
} catch (error) {
  console.error(error instanceof Error ? `Nothing was rebuilt further: ${error.message}` : error);
  process.exitCode = 1;
}

function toContext(name: string): SubgraphName {
  const context = SUBGRAPH_NAMES.find((known) => known === name);
  if (!context) throw new Error(`there is no context ${name}; there are ${SUBGRAPH_NAMES.join(', ')}`);
  return context;
}
