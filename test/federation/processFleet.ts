import { developmentToken } from '../../embedded/issuer/developmentToken.js';
import { createFleetCore } from '../../fleet/core.js';
import { seedDemo } from '../../fleet/seed.js';
import { type Database, openDatabase } from '../../platform/database/database.js';
import { buildWith } from '../../platform/disposables.js';
import { createLog } from '../../platform/telemetry/log.js';
import { startBalancer } from '../engines/balancer.js';
import { startInstallation } from '../engines/installation.js';
import { startKafka } from '../engines/kafka.js';
import { startPostgres } from '../engines/postgres.js';
import { createTestClient } from '../testkit/fleet.js';
import type { ServedFleet } from '../testkit/sharedFleet.js';
import { type SpanFacts, startCollector } from '../testkit/spanFacts.js';
import type { RollingFleet } from './rolling.suite.js';

/** The subgraph that the others reach through a balancer, so that it can have replicas. */
const BALANCED = 'billing';

export interface ProcessFleet extends ServedFleet, RollingFleet {
  /** What the processes did for requests that their callers wanted to be traced. */
  spans(): readonly SpanFacts[];
  /** The Kafka brokers that they announce events on, and the database that they store them in. */
  readonly brokers: string;
  readonly database: Database;
}

/**
 * Fleetgraph as a company runs it, with the demo world: the processes of docker-compose.yml with what it tells them, on a
 * PostgreSQL server and a Kafka broker of their own, beside the development issuer and the development cluster.
 */
export const startProcessFleet = (): Promise<ProcessFleet & AsyncDisposable> =>
  buildWith(async ({ use }) => {
    const postgres = use(await startPostgres());
    await loadDemo(postgres.url);
    const database = use(await openDatabase({ url: postgres.url, poolMax: 2 }));
    const kafka = use(await startKafka());
    const balancer = use(await startBalancer());
    const engines = {
      postgres: `127.0.0.1:${postgres.port}`,
      kafka: kafka.brokers,
      [BALANCED]: `127.0.0.1:${balancer.port}`,
    };
    const collector = use(await startCollector());
    const starting = startInstallation({
      engines,
      environment: collector.environment,
      onPlaced: (portOf) => balancer.sendTo([portOf(BALANCED)]),
    });
    const installation = use(await starting);
    const ran = new Set<string>();
    return {
      installation,
      balanced: { service: BALANCED, balancer },
      url: installation.url,
      spans: collector.spans,
      brokers: kafka.brokers,
      database,
      ran,
      as: async (username: string) =>
        createTestClient(installation.url, await developmentToken(installation.issuer, username), (name) =>
          ran.add(name),
        ),
    };
  });

/** Before anybody serves it, as `npm run seed` would. */
export async function loadDemo(url: string): Promise<void> {
  await using core = await createFleetCore({
    openDatabase: () => openDatabase({ url, poolMax: 5 }),
    clusterId: 'eu-1',
    log: createLog({ name: 'seed', level: 'silent' }),
  });
  await seedDemo(core);
}
