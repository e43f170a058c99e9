import { UPCASTERS } from '../../contracts/upcasters.js';
import type { Database } from '../../platform/database/database.js';
import type { EventLog } from '../../platform/log/log.js';
import { createSpine, type Spine } from '../../platform/server/spine.js';
import { createSubgraph, type Subgraph } from '../../platform/server/subgraph.js';
import type { Tails } from '../../platform/server/tails.js';
import type { Log } from '../../platform/telemetry/log.js';
import { createContext } from './context.js';
import { projections } from './readModels.js';
import { buildModelsSchema } from './schema.js';

export interface Models extends AsyncDisposable {
  readonly spine: Spine;
  readonly subgraph: Subgraph;
  /** Begins to read other contexts' events. */
  start(): Promise<void>;
}

/** Wires the subgraph by hand. Read this to see every dependency that it has. */
export async function createModels(deps: {
  database: Database;
  eventLog: EventLog;
  tails: Tails;
  log: Log;
}): Promise<Models> {
  const spine = await createSpine({ context: 'models', upcasters: UPCASTERS.models, ...deps });
  const { schema } = await buildModelsSchema();
  const subgraph = await createSubgraph({
    name: 'models',
    schema,
    log: deps.log,
    createContext: async (call) => {
      await spine.catchUp(call.positions);
      return createContext(spine, call);
    },
  });
  return {
    spine,
    subgraph,
    start: () => spine.start({ projections }),
    async [Symbol.asyncDispose]() {
      await subgraph[Symbol.asyncDispose]();
      await spine[Symbol.asyncDispose]();
    },
  };
}
