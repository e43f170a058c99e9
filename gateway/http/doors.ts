import type { Log } from '../../platform/telemetry/log.js';
import type { Authenticate } from '../auth/identity.js';
import { createSessions } from '../auth/sessions.js';
import type { Engine } from '../engine.js';
import type { Limits } from '../limits/limits.js';
import { createDiscovery, type SignIn } from './discovery.js';
import { createDirectDispatch, type Dispatch } from './dispatch.js';
import { createEventStreams } from './eventStream.js';
import { createGraphiqlPage, type Example } from './graphiqlPage.js';
import { createGraphQLHandler } from './graphqlHandler.js';
import { createHealth, type ReadinessCheck } from '../../platform/server/health.js';
import type { KnownOperations } from './observed.js';
import { createOperations } from './operations.js';
import { createOriginPolicy } from './origins.js';
import { createRouter, type Route } from './routes.js';
import type { ServerSettings } from './settings.js';
import { CLOSE } from './socket.js';
import { createSocketProtocol } from './socketProtocol.js';
import { createSockets } from './sockets.js';

export interface DoorsOptions {
  readonly engine: Engine;
  readonly authenticate: Authenticate;
  readonly limits: () => Limits;
  readonly log: Log;
  readonly version: string;
  readonly signIn?: SignIn | null | undefined;
  /** Where operations are executed; directly by the engine, if not told otherwise. */
  readonly dispatch?: Dispatch | undefined;
  readonly readiness?: Readonly<Record<string, ReadinessCheck>> | undefined;
  /** Further paths to answer. */
  readonly routes?: readonly Route[] | undefined;
  /** What GraphiQL opens with. */
  readonly examples?: readonly Example[] | undefined;
  /** The names of operations that metrics tell apart; all others are counted together. */
  readonly knownOperations?: KnownOperations | undefined;
  /** Web origins besides the server's own whose pages may call. */
  readonly origins?: readonly string[] | undefined;
}

/** Everything that a server answers, wired to the one door to the graph. */
export function createDoors(options: DoorsOptions, settings: ServerSettings, isDraining: () => boolean) {
  const { engine, authenticate, limits, log, version, signIn = null } = options;
  const { dispatch = createDirectDispatch(engine), readiness = {}, examples = [], routes = [] } = options;
  const { bytesMax, recheckMs } = settings;

  const sessions = createSessions({ authenticate, recheckMs });
  const origins = createOriginPolicy(options.origins ?? []);
  const operations = createOperations({
    engine,
    dispatch,
    authenticate,
    limits,
    log,
    allowAnonymousIntrospection: settings.allowAnonymousIntrospection,
    requestTimeoutMs: settings.requestTimeoutMs,
    knownOperations: options.knownOperations ?? new Set(),
  });
  const eventStreams = createEventStreams({
    operations,
    sessions,
    log,
    streamsMax: settings.eventStreamsMax,
  });
  const sockets = createSockets({
    origins,
    bytesMax,
    log,
    socketsMax: settings.socketsMax,
    keepAliveMs: settings.keepAliveMs,
    protocol: createSocketProtocol({
      operations,
      sessions,
      log,
      operationsMax: settings.operationsPerSocketMax,
      connectionInitWaitTimeoutMs: settings.connectionInitWaitTimeoutMs,
    }),
  });
  const graphiql = createGraphiqlPage({ examples, issuer: signIn?.issuer ?? null });
  const health = createHealth({ checks: readiness, isDraining, log });
  const handleGraphQL = createGraphQLHandler({
    operations,
    eventStreams,
    page: graphiql.page,
    bytesMax,
    log,
  });

  return {
    origins,
    sockets,
    route: createRouter([
      ...routes,
      { path: '/graphql', handle: handleGraphQL },
      {
        path: '/',
        handle: (_request, response) => void response.writeHead(302, { location: '/graphql' }).end(),
      },
      { path: '/livez', handle: health.livez },
      { path: '/readyz', handle: health.readyz },
      ...createDiscovery({ version, signIn, engine }),
      ...graphiql.routes,
    ]),

    /** What ends each open socket and event stream. Clients take it as a reason to come back. */
    streamEnds: (): readonly (() => void)[] => [
      ...sockets.all().map((socket) => () => socket.close(CLOSE.GOING_AWAY, 'Going away')),
      ...eventStreams.all().map((response) => () => void response.end()),
    ],

    [Symbol.dispose]: () => sessions[Symbol.dispose](),
  };
}
