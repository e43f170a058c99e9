import { writeFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { SUBGRAPH_NAMES, type SubgraphName } from '../../contracts/subgraphs.js';
import { createEmbeddedCluster } from '../../embedded/cluster/cluster.js';
import { demoUsers } from '../../embedded/issuer/demoUsers.js';
import { developmentToken } from '../../embedded/issuer/developmentToken.js';
import { createDevelopmentIssuer } from '../../embedded/issuer/issuer.js';
import { createFleetCore } from '../../fleet/core.js';
import { seedDemo } from '../../fleet/seed.js';
import { type Database, openDatabase } from '../../platform/database/database.js';
import { buildWith } from '../../platform/disposables.js';
import { createLog } from '../../platform/telemetry/log.js';
import { type Alternating, alternate } from '../testkit/alternating.js';
import { signingKeys, startChild, type StartedProcess } from '../testkit/childProcess.js';
import { type Client, createTestClient } from '../testkit/fleet.js';
import { databaseOn } from '../testkit/testDatabase.js';
import { until } from '../testkit/until.js';

const READY_MS = 90_000;
const REPLICAS = 2;

export interface ReplicaFleet extends AsyncDisposable {
  readonly database: Database;
  as(username: string): Promise<Client>;
  /** The replica of a subgraph that has its lease. */
  leaderOf(name: SubgraphName): Promise<StartedProcess>;
  /** Ends a replica without a word. */
  kill(name: SubgraphName, replica: StartedProcess): Promise<void>;
}

/**
 * Fleetgraph with the demo world, two of each of its processes on one PostgreSQL database. Every request goes to another
 * replica than the one before it, also those between the processes.
 */
export const startReplicaFleet = (): Promise<ReplicaFleet> =>
  buildWith(async ({ use }) => {
    const folder = await mkdtemp(join(tmpdir(), 'fleetgraph-replicas-'));
    use({ [Symbol.asyncDispose]: () => rm(folder, { recursive: true }) });
    const database = use(await databaseOn(postgresUrl()));
    await loadDemo(database.url);
    const issuer = use(await createDevelopmentIssuer({ port: 0, dataDir: folder, users: demoUsers }));
    const cluster = use(await createEmbeddedCluster({ dataFile: join(folder, 'cluster.jsonl'), port: 0 }));
    const kubeconfig = join(folder, 'kubeconfig');
    writeFileSync(kubeconfig, cluster.kubeconfig);

    const fronts = new Map<SubgraphName, Alternating>();
    for (const name of SUBGRAPH_NAMES) fronts.set(name, use(await alternate()));
    const env = {
      ...Object.fromEntries([...fronts].map(([name, { url }]) => [`${name.toUpperCase()}_URL`, url])),
      FLEETGRAPH_SIGNING_KEYS: signingKeys(),
      DATABASE_URL: database.url,
      DATABASE_POOL_MAX: '5',
      // Twice as many ask each other for news on this machine.
      FLEETGRAPH_POLL_MS: '400',
      FLEETGRAPH_KUBECONFIG: kubeconfig,
      OIDC_ISSUER: issuer.issuer,
      OIDC_AUDIENCE: issuer.trust.audience,
    };

    const startReplica = async (main: string, front: Alternating): Promise<StartedProcess> => {
      const replica = use(await startChild(main, env));
      front.add(replica.url);
      return replica;
    };
    const gateway = use(await alternate());
    const mains = [
      ...[...fronts].map(([name, front]) => ({ name, front, main: `subgraphs/${name}/main` })),
      { name: 'gateway' as const, front: gateway, main: 'fleet/gatewayMain' },
    ];
    const replicas = new Map<string, StartedProcess[]>();
    // Not all at once: where one cannot start, all that have are to be ended.
    for (const { name, front, main } of mains)
      for (let count = 0; count < REPLICAS; count++)
        replicas.set(name, [...(replicas.get(name) ?? []), await startReplica(main, front)]);
    for (const replica of [...replicas.values()].flat())
      await until(`${replica.url} is ready`, () => isReady(replica), READY_MS);

    return {
      database,
      as: async (username: string) =>
        createTestClient(gateway.url, await developmentToken(issuer.issuer, username)),
      async leaderOf(name) {
        const where = { name: `${name}.work` };
        const { holder } = await database.prisma.lease.findUniqueOrThrow({ where });
        const leader = replicas.get(name)?.find(({ child }) => holder.includes(`:${child.pid}:`));
        if (!leader) throw new Error(`${holder} has the lease of ${name}, and is no replica of it`);
        return leader;
      },
      async kill(name, replica) {
        fronts.get(name)?.remove(replica.url);
        await replica.stop('SIGKILL');
      },
    };
  });

/** Fails with what it has logged if it has ended. */
async function isReady({ url, child, lines }: StartedProcess): Promise<boolean> {
  if (child.exitCode !== null) throw new Error(`${url} has ended:\n${lines.join('\n')}`);
  return fetch(`${url}/readyz`).then(
    ({ ok }) => ok,
    () => false,
  );
}

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
