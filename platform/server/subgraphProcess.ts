import { type Database, openDatabase } from '../database/database.js';
import { assertAnswers } from '../database/readiness.js';
import { buildWith } from '../disposables.js';
import { unavailable } from '../errors.js';
import { createSharedNonces } from '../identity/sharedNonces.js';
import type { EventLog } from '../log/log.js';
import { openEventLog } from '../log/openLog.js';
import { pause } from '../pause.js';
import type { Log } from '../telemetry/log.js';
import { createPeer, type Peer } from './peer.js';
import type { ProcessConfig } from './processConfig.js';
import { createRemoteHistory } from './remoteHistory.js';
import type { RunningProcess } from './runProcess.js';
import type { Spine } from './spine.js';
import type { Subgraph } from './subgraph.js';
import { createSubgraphServer } from './subgraphServer.js';
import { createTails, type Tails } from './tails.js';

/** What a subgraph's composition root builds. */
export interface SubgraphApp extends AsyncDisposable {
  readonly spine: Spine;
  readonly subgraph: Subgraph;
  /** What the context offers to the others. */
  readonly calls?: object;
  /** Begins to read other contexts' events. */
  start(): Promise<void>;
}

export interface SubgraphDeps {
  readonly database: Database;
  readonly eventLog: EventLog;
  readonly tails: Tails;
  readonly log: Log;
  /** Another context's process, one of those in the configuration. */
  readonly peer: (name: string) => Peer;
}

const LOOK_FOR_PEERS_MS = 250;

/**
 * A subgraph as a process of its own. It listens as soon as its own database is there, so that processes which read each
 * other can start in any order; it is ready once the contexts that it reads have answered and its readers run.
 */
export function startSubgraphProcess(
  config: ProcessConfig,
  create: (deps: SubgraphDeps) => Promise<SubgraphApp>,
  log: Log,
  open: () => Promise<Database> = () => openDatabase(config.database),
): Promise<RunningProcess> {
  const { context, keys, kafka, pollMs } = config;
  return buildWith(async ({ use }) => {
    const database = use(await open());
    const eventLog = use(openEventLog({ kafka, name: context, pollMs, log }));
    const peer = (name: string) => createPeer({ name, url: urlOf(config, name), caller: context, keys, log });
    const peers = Object.keys(config.peers).map((name) => createRemoteHistory(peer(name)));
    const history = (name: string) =>
      [app.spine.store, ...peers].find((known) => known.context === name) ?? unknown(name);
    const tails = use(createTails({ eventLog, history, log }));
    const app: SubgraphApp = use(await create({ database, eventLog, tails, log, peer }));

    const starting = new AbortController();
    let started = false;
    const ready = heard(tails, Object.keys(config.peers), starting.signal).then(async () => {
      if (starting.signal.aborted) return;
      await app.start();
      started = true;
    });
    use({
      async [Symbol.asyncDispose]() {
        starting.abort();
        await ready.catch(() => undefined);
      },
    });
    const server = use(
      createSubgraphServer({
        subgraph: app.subgraph,
        history: app.spine.store,
        calls: app.calls ?? {},
        keys,
        // A PGlite folder has one process.
        sharedNonces: database.kind === 'postgres' ? createSharedNonces(database, context) : undefined,
        log,
        readiness: {
          database: () => assertAnswers(database),
          readers: async () => {
            if (!started) throw unavailable(`One of ${Object.keys(config.peers).join(', ')}`);
          },
        },
      }),
    );
    await server.listen(config.port, config.host);
    return { url: server.url, ready };
  });
}

function urlOf({ context, peers }: ProcessConfig, name: string): string {
  const url = peers[name];
  if (url === undefined) throw new Error(`${context} does not know where ${name} is`);
  return url;
}

function unknown(name: string): never {
  throw new Error(`The events of ${name} are not read here`);
}

/**
 * Resolves when every context has answered, or the signal aborts. Its tail is there then: that it is away again when the
 * readers start is no more than a delay.
 */
async function heard(tails: Tails, contexts: readonly string[], signal: AbortSignal): Promise<void> {
  for (const context of contexts)
    while (!signal.aborted && !(await answers(tails, context))) await pause(LOOK_FOR_PEERS_MS, signal);
}

const answers = (tails: Tails, context: string) =>
  tails(context).then(
    () => true,
    () => false,
  );
