import type { GovernanceCalls } from '../../contracts/calls.js';
import { UPCASTERS } from '../../contracts/upcasters.js';
import type { Database } from '../../platform/database/database.js';
import { buildWith } from '../../platform/disposables.js';
import type { EventLog } from '../../platform/log/log.js';
import { createSpine, type Spine } from '../../platform/server/spine.js';
import { createSubgraph, type Subgraph } from '../../platform/server/subgraph.js';
import type { Tails } from '../../platform/server/tails.js';
import type { Log } from '../../platform/telemetry/log.js';
import { createAccessEvents, changesAccess } from './accessEvents.js';
import { createExpiry, EXPIRY_TIMER } from './approval/approval.expiry.js';
import { createApprovalProcesses } from './approval/approval.process.js';
import { auditProjections } from './audit/audit.projection.js';
import { createTrailTail } from './audit/trail.tail.js';
import { type BootstrapPlan, type Bootstrapped, createBootstrap } from './bootstrap.js';
import { createContext } from './context.js';
import { createRepositories } from './repositories.js';
import { createPrincipalResolver } from './role/resolvePrincipal.js';
import { buildGovernanceSchema } from './schema.js';
import { createRegistration } from './user/user.registration.js';

export interface Governance extends AsyncDisposable {
  readonly spine: Spine;
  readonly subgraph: Subgraph;
  readonly calls: GovernanceCalls;
  /** Starts the readers of the other contexts' events. */
  start(): Promise<void>;
  /** Creates the organisation, its first people and their roles. Repeating it changes nothing. */
  bootstrap(plan: BootstrapPlan): Promise<Bootstrapped>;
  /**
   * Calls the listener as soon as what anybody may do may have changed, in this process or another; whoever remembers
   * principals forgets them then. Returns how to stop.
   */
  onAccessChanged(listener: () => void): () => void;
}

/** Wires the subgraph by hand. Read this to see every dependency that it has. */
export function createGovernance(deps: {
  database: Database;
  eventLog: EventLog;
  tails: Tails;
  log: Log;
}): Promise<Governance> {
  return buildWith(async ({ use }) => {
    const spine = use(await createSpine({ context: 'governance', upcasters: UPCASTERS.governance, ...deps }));
    const repositories = createRepositories(deps.database.prisma);
    const recognise = createRegistration(spine.commands, repositories.users);
    const accessEvents = createAccessEvents();
    const unsubscribe = await deps.eventLog.subscribe(spine.context, (events) => {
      if (events.some(changesAccess)) accessEvents.announce();
    });
    use({ [Symbol.asyncDispose]: unsubscribe });

    const trailTail = use(createTrailTail(spine));
    const { schema } = await buildGovernanceSchema();
    const subgraph = use(
      await createSubgraph({
        name: spine.context,
        schema,
        log: spine.log,
        createContext: (call) =>
          Promise.resolve(createContext(call, { spine, system: repositories, accessEvents, trailTail })),
      }),
    );
    return {
      spine,
      subgraph,
      calls: { resolvePrincipal: createPrincipalResolver(recognise, repositories.roleBindings) },
      async start() {
        await spine.start({
          projections: auditProjections,
          processManagers: createApprovalProcesses({
            commands: spine.commands,
            approvals: repositories.approvals,
          }),
          timers: { [EXPIRY_TIMER]: createExpiry(spine) },
        });
        await trailTail.start();
      },
      bootstrap: createBootstrap(spine.commands, recognise),
      onAccessChanged: accessEvents.subscribe,
    };
  });
}
