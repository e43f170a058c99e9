import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { createEmbeddedCluster } from '../embedded/cluster/cluster.js';
import { demoUsers } from '../embedded/issuer/demoUsers.js';
import { createDevelopmentIssuer } from '../embedded/issuer/issuer.js';
import { createGatewayServer, type GatewayServer } from '../gateway/http/server.js';
import { createLimits } from '../gateway/limits/limits.js';
import { assertAnswers } from '../platform/database/readiness.js';
import { type Database, openDatabase } from '../platform/database/database.js';
import { buildWith, type Disposables } from '../platform/disposables.js';
import { pause } from '../platform/pause.js';
import type { Log } from '../platform/telemetry/log.js';
import { leadCluster } from '../subgraphs/resources/leadCluster.js';
import type { Config } from './config.js';
import { createFleetCore, type FleetCore } from './core.js';
import { readExamples, type StartExample } from './examples.js';
import { createFleetAuthenticator, signInWith } from './identity.js';
import { assertPortsFree } from './ports.js';
import { seedDemo } from './seed.js';
import { readSupergraph } from './supergraphFile.js';
import { readTrustedDocuments } from './trustedDocuments.js';
import { version } from './version.js';

/** Fleetgraph in one process: the subgraphs, the gateway, and what it has no company's part for. */
export interface Fleet extends AsyncDisposable {
  readonly core: FleetCore;
  readonly server: GatewayServer;
  readonly issuer: string;
  /** Whether this start loaded the demo world. */
  readonly seeded: boolean;
  /** What to try first. */
  readonly examples: readonly StartExample[];
}

export function createFleet(
  config: Config,
  log: Log,
  open = () => openDatabase(config.database),
): Promise<Fleet> {
  return buildWith(async ({ use }) => {
    const { logRetentionMs, kafka } = config;
    const clusterId = config.cluster.id;
    const core = use(
      await createFleetCore({
        openDatabase: () => openFirst(config, open),
        clusterId,
        logRetentionMs,
        kafka,
        log,
      }),
    );
    const issuer = await trustedIssuer(config, use, log);
    await driveCluster(config, core, use, log);
    const seeded = config.seed === 'demo' && (await seedDemo(core));
    if (config.cluster.kubeconfig === null) await untilNodesAreKnown(core.database);
    const examples = await readExamples(core.database);
    const server = use(createServer({ config, core, issuer, examples, log }));
    await server.listen(config.port, config.host);
    return { core, server, issuer, seeded, examples };
  });
}

type Use = Disposables['use'];

const DISCOVERY_MS = 5_000;
const LOOK_EVERY_MS = 20;

/** A new development cluster is known in a moment. Before that, a request would hear that no node could ever run it. */
async function untilNodesAreKnown({ prisma }: Database): Promise<void> {
  const tooLong = AbortSignal.timeout(DISCOVERY_MS);
  while (!tooLong.aborted && (await prisma.node.count()) === 0) await pause(LOOK_EVERY_MS, tooLong);
}

/** The database comes first, because whoever holds its folder is a better reason to refuse than the port they hold too. */
async function openFirst(config: Config, open: () => Promise<Database>): Promise<Database> {
  const database = await open();
  try {
    await assertPortsFree(config);
    return database;
  } catch (error) {
    await database[Symbol.asyncDispose]();
    throw error;
  }
}

/** The company's issuer, or the development one, started here. */
async function trustedIssuer({ identity, dataFolder }: Config, use: Use, log: Log): Promise<string> {
  if (identity.issuer !== null) return identity.issuer;
  const onError = (error: Error) => log.error({ error }, 'development issuer failed');
  const port = identity.developmentPort;
  const started = await createDevelopmentIssuer({ port, dataDir: dataFolder, users: demoUsers, onError });
  return use(started).issuer;
}

/** Leads the company's cluster, or the development one, started here. */
async function driveCluster(config: Config, core: FleetCore, use: Use, log: Log): Promise<void> {
  const onError = (error: unknown) => log.error({ error }, 'cluster failed, will try again');
  const kubeconfig = await kubeconfigOf(config, use, onError);
  use(await leadCluster(core.resources, { kubeconfig, onError }));
}

async function kubeconfigOf({ cluster, dataFolder }: Config, use: Use, onError: (error: unknown) => void) {
  if (cluster.kubeconfig !== null)
    return readFile(cluster.kubeconfig, 'utf8').catch((cause: Error) => {
      throw new Error(`FLEETGRAPH_KUBECONFIG cannot be read: ${cause.message}`, { cause });
    });
  const dataFile = join(dataFolder, 'cluster.jsonl');
  return use(await createEmbeddedCluster({ dataFile, port: cluster.developmentPort, onError })).kubeconfig;
}

function createServer(parts: {
  config: Config;
  core: FleetCore;
  issuer: string;
  examples: readonly StartExample[];
  log: Log;
}): GatewayServer {
  const { config, core, issuer, examples, log } = parts;
  const trust = { issuer, audience: config.identity.audience };
  const authenticator = createFleetAuthenticator(trust, core.governance.calls);
  core.governance.onAccessChanged(() => authenticator.drop());
  const limits = createLimits(readSupergraph());
  return createGatewayServer({
    engine: core.engine,
    authenticate: authenticator.authenticate,
    limits: () => limits,
    log,
    version,
    signIn: signInWith(trust),
    readiness: { database: () => assertAnswers(core.database) },
    knownOperations: new Set(readTrustedDocuments().keys()),
    examples,
  });
}
