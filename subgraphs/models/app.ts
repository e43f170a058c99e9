import type { ResourcesCalls } from '../../contracts/calls.js';
import { UPCASTERS } from '../../contracts/upcasters.js';
import type { Database } from '../../platform/database/database.js';
import type { EventLog } from '../../platform/log/log.js';
import { createSpine, type Spine } from '../../platform/server/spine.js';
import { createSubgraph, type Subgraph } from '../../platform/server/subgraph.js';
import type { Tails } from '../../platform/server/tails.js';
import type { Log } from '../../platform/telemetry/log.js';
import { createContext } from './context.js';
import { createApprovalReactions } from './deployment/deployment.approvals.js';
import { createDeploymentCommands } from './deployment/deployment.commands.js';
import { createWatchdog, DEADLINE_TIMER } from './deployment/watchdog.js';
import { createWorkloadReactions } from './deployment/deployment.workloads.js';
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
  resources: ResourcesCalls;
}): Promise<Models> {
  const { resources } = deps;
  const spine = await createSpine({ context: 'models', upcasters: UPCASTERS.models, ...deps });
  const { commands, store } = spine;
  const deployments = createDeploymentCommands({ commands, resources });
  const { schema } = await buildModelsSchema();
  const subgraph = await createSubgraph({
    name: 'models',
    schema,
    log: deps.log,
    createContext: async (call) => {
      await spine.catchUp(call.positions);
      return createContext(spine, deployments, call);
    },
  });
  return {
    spine,
    subgraph,
    start: () =>
      spine.start({
        projections,
        processManagers: [
          createApprovalReactions({ commands, store, resources }),
          createWorkloadReactions({ commands }),
        ],
        timers: { [DEADLINE_TIMER]: createWatchdog({ commands, store }) },
      }),
    async [Symbol.asyncDispose]() {
      await subgraph[Symbol.asyncDispose]();
      await spine[Symbol.asyncDispose]();
    },
  };
}
