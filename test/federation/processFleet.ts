import { writeFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { SUBGRAPH_NAMES } from '../../contracts/subgraphs.js';
import { createEmbeddedCluster } from '../../embedded/cluster/cluster.js';
import { demoUsers } from '../../embedded/issuer/demoUsers.js';
import { developmentToken } from '../../embedded/issuer/developmentToken.js';
import { createDevelopmentIssuer } from '../../embedded/issuer/issuer.js';
import { createFleetCore } from '../../fleet/core.js';
import { seedDemo } from '../../fleet/seed.js';
import { openDatabase } from '../../platform/database/database.js';
import { buildWith } from '../../platform/disposables.js';
import { createLog } from '../../platform/telemetry/log.js';
import { freePorts } from '../engines/freePorts.js';
import { signingKeys, startChild } from '../testkit/childProcess.js';
import { createTestClient } from '../testkit/fleet.js';
import type { ServedFleet } from '../testkit/sharedFleet.js';
import { databaseOn } from '../testkit/testDatabase.js';
import { until } from '../testkit/until.js';

const READY_MS = 60_000;

/**
 * Fleetgraph as a company runs it, with the demo world: the gateway and five subgraphs as processes on one PostgreSQL
 * database, beside the development issuer and the development cluster.
 */
export const startProcessFleet = (): Promise<ServedFleet> =>
  buildWith(async ({ use }) => {
    const folder = await mkdtemp(join(tmpdir(), 'fleetgraph-processes-'));
    use({ [Symbol.asyncDispose]: () => rm(folder, { recursive: true }) });
    const database = use(await databaseOn(postgresUrl())).url;
    await loadDemo(database);

    const issuer = use(await createDevelopmentIssuer({ port: 0, dataDir: folder, users: demoUsers }));
    const cluster = use(await createEmbeddedCluster({ dataFile: join(folder, 'cluster.jsonl'), port: 0 }));
    const kubeconfig = join(folder, 'kubeconfig');
    writeFileSync(kubeconfig, cluster.kubeconfig);

    const ports = await freePorts(SUBGRAPH_NAMES.length);
    const env = {
      ...Object.fromEntries(
        SUBGRAPH_NAMES.map((name, index) => [
          `${name.toUpperCase()}_URL`,
          `http://127.0.0.1:${ports[index]}`,
        ]),
      ),
      FLEETGRAPH_SIGNING_KEYS: signingKeys(),
      DATABASE_URL: database,
      DATABASE_POOL_MAX: '5',
      FLEETGRAPH_KUBECONFIG: kubeconfig,
      OIDC_ISSUER: issuer.issuer,
      OIDC_AUDIENCE: issuer.trust.audience,
    };
    const subgraphs = await Promise.all(
      SUBGRAPH_NAMES.map(async (name, index) =>
        use(await startChild(`subgraphs/${name}/main`, { ...env, PORT: String(ports[index]) })),
      ),
    );
    const gateway = use(await startChild('fleet/gatewayMain', env));
    for (const { url } of [...subgraphs, gateway])
      await until(`${url} is ready`, async () => (await fetch(`${url}/readyz`)).ok, READY_MS);

    const ran = new Set<string>();
    return {
      url: gateway.url,
      ran,
      as: async (username: string) =>
        createTestClient(gateway.url, await developmentToken(issuer.issuer, username), (name) =>
          ran.add(name),
        ),
    };
  });

function postgresUrl(): string {
  const url = process.env['TEST_DATABASE_URL'];
  if (url === undefined) throw new Error('TEST_DATABASE_URL names no PostgreSQL server');
  return url;
}

/** Before anybody serves it, as `npm run seed` would. */
async function loadDemo(url: string): Promise<void> {
  await using core = await createFleetCore({
    openDatabase: () => openDatabase({ url, poolMax: 5 }),
    clusterId: 'eu-1',
    log: createLog({ name: 'seed', level: 'silent' }),
  });
  await seedDemo(core);
}
