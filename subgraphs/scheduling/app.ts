import type { BillingCalls } from '../../contracts/calls.js';
import { UPCASTERS } from '../../contracts/upcasters.js';
import type { Database } from '../../platform/database/database.js';
import type { EventLog } from '../../platform/log/log.js';
import { createSpine, type Spine } from '../../platform/server/spine.js';
import { createSubgraph, type Subgraph } from '../../platform/server/subgraph.js';
import type { Tails } from '../../platform/server/tails.js';
import type { Log } from '../../platform/telemetry/log.js';
import { createContext } from './context.js';
import { createPlanFacts } from './facts/planFacts.reader.js';
import { readPrices } from './facts/facts.repository.js';
import { createJobApprovals } from './job/job.approvals.js';
import { createJobCommands } from './job/job.commands.js';
import { createPlanJob } from './job/job.planner.js';
import { createReserve } from './job/job.reservation.js';
import { DEADLINE_TIMER } from './job/job.save.js';
import { createJobWorkloads } from './job/job.workloads.js';
import { createWatchdog } from './job/watchdog.js';
import { createScheduler } from './pass/pass.scheduler.js';
import { createDefaultQueues } from './queue/defaultQueues.js';
import { createQueueOf } from './queue/queueOf.reader.js';
import { projections } from './readModels.js';
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
  billing: BillingCalls;
}): Promise<Scheduling> {
  const { database, billing } = deps;
  const spine = await createSpine({ context: 'scheduling', upcasters: UPCASTERS.scheduling, ...deps });
  const { commands, store } = spine;
  const planJob = createPlanJob({
    readFacts: createPlanFacts({ database, billing }),
    queueOf: createQueueOf(database.prisma),
  });
  const reserve = createReserve({ commands, store, billing, readPrices: () => readPrices(database.prisma) });
  const scheduler = createScheduler({ ...deps, log: spine.log, lease: spine.lease, reserve });
  const jobCommands = createJobCommands({ commands, planJob });
  const { schema } = await buildSchedulingSchema();
  const subgraph = await createSubgraph({
    name: 'scheduling',
    schema,
    log: deps.log,
    createContext: async (call) => {
      await spine.catchUp(call.positions);
      return createContext(call, { spine, jobCommands, planJob, ...scheduler });
    },
  });
  return {
    spine,
    subgraph,
    async start() {
      await spine.start({
        projections,
        processManagers: [
          createDefaultQueues(commands),
          createJobApprovals({ commands, store, planJob }),
          createJobWorkloads({ commands, store, billing }),
        ],
        timers: { [DEADLINE_TIMER]: createWatchdog({ commands, store }) },
      });
      await scheduler.start();
    },
    async [Symbol.asyncDispose]() {
      await scheduler[Symbol.asyncDispose]();
      await subgraph[Symbol.asyncDispose]();
      await spine[Symbol.asyncDispose]();
    },
  };
}
