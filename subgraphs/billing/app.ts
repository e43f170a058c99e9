import type { BillingCalls } from '../../contracts/calls.js';
import { UPCASTERS } from '../../contracts/upcasters.js';
import type { Database } from '../../platform/database/database.js';
import type { EventLog } from '../../platform/log/log.js';
import { createSpine, type Spine } from '../../platform/server/spine.js';
import { createSubgraph, type Subgraph } from '../../platform/server/subgraph.js';
import type { Tails } from '../../platform/server/tails.js';
import type { Log } from '../../platform/telemetry/log.js';
import { BUDGET_CHECK, createThresholds } from './budget/threshold.commands.js';
import { createBillingCalls } from './calls.js';
import { createContext } from './context.js';
import { createHolds } from './hold/hold.commands.js';
import { createHoldSettlement } from './hold/hold.settlement.js';
import { createHoldTimers } from './hold/hold.timers.js';
import { bootstrapPrices } from './priceBook/bootstrapPrices.js';
import { createLineages } from './project/lineage.repository.js';
import { projections } from './readModels.js';
import { buildBillingSchema } from './schema.js';
import { readMeteredUsage } from './ticker/costMeter.repository.js';
import { createCostMeters } from './ticker/costMeters.js';
import { runMeter } from './ticker/runningMeter.js';
import { readPrices } from './usage/usage.repository.js';

export interface Billing extends AsyncDisposable {
  readonly spine: Spine;
  readonly subgraph: Subgraph;
  /** For the contexts that give devices. */
  readonly calls: BillingCalls;
  /** Lets the example price book count, once. */
  bootstrap(): Promise<void>;
  /** Begins to read other contexts' events and to run timers. */
  start(): Promise<void>;
}

/** Wires the subgraph by hand. Read this to see every dependency that it has. */
export async function createBilling(deps: {
  database: Database;
  eventLog: EventLog;
  tails: Tails;
  log: Log;
}): Promise<Billing> {
  const { database, tails, log } = deps;
  const { prisma } = database;
  const spine = await createSpine({ context: 'billing', upcasters: UPCASTERS.billing, ...deps });
  const { schema } = await buildBillingSchema();
  const holds = createHolds(spine.commands);
  const lineageOf = createLineages({ reader: prisma, catchUp: () => readAll('governance') });
  const thresholds = createThresholds(database, spine.commands);

  /** Whether all has been read that another context has stored until now. */
  const readAll = async (source: string) => {
    const head = await (await tails(source)).fetchHead();
    return spine.catchUp({ [source]: String(head) });
  };
  const holdSettlement = createHoldSettlement({
    holds,
    reader: prisma,
    catchUp: ({ position }) => spine.catchUp({ resources: String(position) }),
    hastenBudgetCheck: () => thresholds.hasten(),
  });
  const holdTimers = createHoldTimers({ holds, hasReadOwners: () => readAll('resources') });

  const meters = createCostMeters((scope) =>
    runMeter({
      read: async () => ({ prices: await readPrices(prisma), ...(await readMeteredUsage(prisma, scope)) }),
      isInScope: async ({ owner, projectId }) =>
        'ownerId' in scope
          ? scope.ownerId === owner.id
          : (await lineageOf(projectId)).includes(scope.projectId),
      resources: () => tails('resources'),
      billing: () => tails('billing'),
      onError: (error) => spine.log.error({ error, scope }, 'a cost cannot be followed, will try again'),
    }),
  );

  const subgraph = await createSubgraph({
    name: 'billing',
    schema,
    log,
    createContext: async (call) => {
      await spine.catchUp(call.positions);
      return createContext(spine, meters, call);
    },
  });
  return {
    spine,
    subgraph,
    calls: createBillingCalls({ holds, prisma, lineageOf, catchUpOwners: () => readAll('resources') }),
    bootstrap: () => bootstrapPrices(spine.commands),
    async start() {
      await spine.start({
        projections,
        processManagers: [holdSettlement],
        timers: { ...holdTimers, [BUDGET_CHECK]: () => thresholds.check() },
      });
      await thresholds.hasten();
    },
    async [Symbol.asyncDispose]() {
      await meters[Symbol.asyncDispose]();
      await subgraph[Symbol.asyncDispose]();
      await spine[Symbol.asyncDispose]();
    },
  };
}
