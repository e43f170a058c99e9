import { UPCASTERS } from '../../contracts/upcasters.js';
import type { Database } from '../../platform/database/database.js';
import type { EventLog } from '../../platform/log/log.js';
import { createSpine, type Spine } from '../../platform/server/spine.js';
import { createSubgraph, type Subgraph } from '../../platform/server/subgraph.js';
import type { Tails } from '../../platform/server/tails.js';
import type { Log } from '../../platform/telemetry/log.js';
import { createContext } from './context.js';
import { createDefaultQueues } from './queue/defaultQueues.js';
import { buildSchedulingSchema } from './schema.js';

export interface Scheduling extends AsyncDisposable {
  readonly spine: Spine;
  readonly subgraph: Subgraph;
  /** Begins to read other contexts' events. */
  start(): Promise<void>;
}

/** Wires the subgraph by hand. Read this to see every dependency that it has. */
export async function createScheduling(deps: {
  database: Database;
  eventLog: EventLog;
  tails: Tails;
  log: Log;
}): Promise<Scheduling> {
  const spine = await createSpine({ context: 'scheduling', upcasters: UPCASTERS.scheduling, ...deps });
  const { schema } = await buildSchedulingSchema();
  const subgraph = await createSubgraph({
    name: 'scheduling',
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
    start: () => spine.start({ processManagers: [createDefaultQueues(spine.commands)] }),
    async [Symbol.asyncDispose]() {
      await subgraph[Symbol.asyncDispose]();
      await spine[Symbol.asyncDispose]();
    },
  };
}
