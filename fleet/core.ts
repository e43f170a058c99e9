import type { SubgraphName } from '../contracts/subgraphs.js';
import { UPCASTERS } from '../contracts/upcasters.js';
import { createEngine } from '../gateway/createEngine.js';
import type { Engine } from '../gateway/engine.js';
import { maskedErrors } from '../gateway/metrics.js';
import { createInProcessTransport, type LocalSubgraph } from '../gateway/transports/inProcess.js';
import type { Transport } from '../gateway/transports/transport.js';
import type { Database } from '../platform/database/database.js';
import { buildWith } from '../platform/disposables.js';
import { scalars } from '../platform/graphql/scalars.js';
import { createEventStore } from '../platform/eventStore/eventStore.js';
import type { KafkaOptions } from '../platform/log/kafkaConfig.js';
import { openEventLog } from '../platform/log/openLog.js';
import { createTails } from '../platform/server/tails.js';
import type { Log } from '../platform/telemetry/log.js';
import { type Billing, createBilling } from '../subgraphs/billing/app.js';
import { createGovernance, type Governance } from '../subgraphs/governance/app.js';
import { createModels, type Models } from '../subgraphs/models/app.js';
import { createResources, type Resources } from '../subgraphs/resources/app.js';
import { LOG_RETENTION_MS } from '../subgraphs/resources/logs/retention.js';
import { createScheduling, type Scheduling } from '../subgraphs/scheduling/app.js';
import { readSupergraph } from './supergraphFile.js';

/** The five subgraphs in this process on one database, and the engine that joins them. No network, no cluster. */
export interface FleetCore extends AsyncDisposable {
  readonly database: Database;
  readonly engine: Engine;
  readonly governance: Governance;
  readonly resources: Resources;
  readonly scheduling: Scheduling;
  readonly billing: Billing;
  readonly models: Models;
}

export function createFleetCore(options: {
  /** Opens the database, which is closed with the rest. */
  openDatabase: () => Promise<Database>;
  clusterId: string;
  /** How long the logs of jobs are kept. Default 7 days. */
  logRetentionMs?: number;
  /** Where events are announced to others. Default: nowhere. */
  kafka?: KafkaOptions | null;
  log: Log;
}): Promise<FleetCore> {
  const { log, clusterId, logRetentionMs = LOG_RETENTION_MS, kafka = null } = options;
  return buildWith(async ({ use }) => {
    const database = use(await options.openDatabase());
    const eventLog = use(openEventLog({ kafka, name: 'fleet', log }));
    const history = (context: string) =>
      createEventStore(database.prisma, context, UPCASTERS[context as SubgraphName]);
    const tails = use(createTails({ eventLog, history, log }));
    const deps = { database, eventLog, tails, log };

    const governance = use(await createGovernance(deps));
    const billing = use(await createBilling(deps));
    const resources = use(
      await createResources({ ...deps, billing: billing.calls, clusterId, logRetentionMs, kafka }),
    );
    const scheduling = use(await createScheduling({ ...deps, billing: billing.calls }));
    const models = use(await createModels({ ...deps, resources: resources.calls }));
    const apps = { governance, resources, scheduling, billing, models };
    for (const app of Object.values(apps)) await app.start();

    const engine = use(
      await createEngine({
        supergraphSdl: readSupergraph(),
        scalars,
        connect: ({ name }) => transportTo(apps, name),
        report: (masked) => {
          maskedErrors.inc({ subgraph: masked.subgraph });
          log.error({ masked }, 'masked error');
        },
      }),
    );
    return { database, engine, ...apps };
  });
}

type Apps = Pick<FleetCore, 'governance' | 'resources' | 'scheduling' | 'billing' | 'models'>;

function transportTo(apps: Apps, name: string): Transport {
  const app = (apps as Partial<Record<string, { subgraph: unknown }>>)[name];
  if (!app) throw new Error(`The supergraph names a subgraph ${name} that is not here`);
  // The gateway carries the principal without looking at it; here is where it gets its type back.
  return createInProcessTransport(app.subgraph as LocalSubgraph);
}
