import type DataLoader from 'dataloader';
import { projectsInSight } from '../../contracts/permissions.js';
import type { Commands } from '../../platform/command/commands.js';
import { readerFor } from '../../platform/database/scope.js';
import type { Existing } from '../../platform/eventStore/aggregate.js';
import type { EventStore } from '../../platform/eventStore/eventStore.js';
import type { RequestContext, SubgraphCall } from '../../platform/graphql/requestContext.js';
import type { DeadLetterDesk } from '../../platform/saga/deadLetterDesk.js';
import type { Spine } from '../../platform/server/spine.js';
import type { AccessEvents } from './accessEvents.js';
import type { ApprovalState } from './approval/approval.js';
import { APPROVAL_PROCESS } from './approval/approval.process.js';
import { createApprovalOfTargetLoader } from './approval/approvalOfTarget.loader.js';
import { createAuditEventLoader, createTrailCountLoader, createTrailLoader } from './audit/trail.loader.js';
import type { TrailTail } from './audit/trail.tail.js';
import { createEntityLoader } from './entity.loader.js';
import type { ProjectState } from './project/project.js';
import type { QuotaState } from './quota/quota.js';
import { createQuotasOfProjectLoader } from './quota/quotasOfProject.loader.js';
import { createRepositories, type Repositories } from './repositories.js';
import type { RoleBindingState } from './roleBinding/roleBinding.js';
import { createProfileLoader } from './user/profile.loader.js';
import type { UserState } from './user/user.js';

type EntityLoader<State> = DataLoader<string, Existing<State> | null>;

export interface Context extends RequestContext {
  readonly commands: Commands;
  readonly deadLetters: DeadLetterDesk;
  readonly store: EventStore;
  readonly repositories: Repositories;
  readonly accessEvents: AccessEvents;
  readonly trailTail: TrailTail;
  readonly loaders: {
    readonly project: EntityLoader<ProjectState>;
    readonly user: EntityLoader<UserState>;
    readonly roleBinding: EntityLoader<RoleBindingState>;
    readonly quota: EntityLoader<QuotaState>;
    readonly approval: EntityLoader<ApprovalState>;
    readonly approvalOfTarget: EntityLoader<ApprovalState>;
    readonly profile: ReturnType<typeof createProfileLoader>;
    readonly quotasOfProject: ReturnType<typeof createQuotasOfProjectLoader>;
    readonly auditEvent: ReturnType<typeof createAuditEventLoader>;
    readonly trail: ReturnType<typeof createTrailLoader>;
    readonly trailCount: ReturnType<typeof createTrailCountLoader>;
  };
  /** Waits, a little, until the trail has what the caller has written anywhere. */
  trailIsCurrent(): Promise<void>;
  /** The same for what the caller has asked to have approved. */
  approvalsAreCurrent(): Promise<void>;
}

export type ContextParts = {
  readonly spine: Spine;
  /** What is read for nobody in particular. */
  readonly system: Repositories;
  readonly accessEvents: AccessEvents;
  readonly trailTail: TrailTail;
};

export function createContext(
  call: SubgraphCall,
  { spine, system, accessEvents, trailTail }: ContextParts,
): Context {
  const { principal } = call;
  const reader = readerFor(spine.database.prisma, projectsInSight(principal));
  const repositories = createRepositories(reader);
  const { projects, users, quotas, approvals, trail } = repositories;
  const context: Context = {
    call,
    principal,
    written: { position: null },
    commands: spine.commands,
    deadLetters: spine.deadLetters,
    store: spine.storeFor(reader),
    repositories,
    accessEvents,
    trailTail,
    loaders: {
      project: createEntityLoader(projects.findByIds),
      user: createEntityLoader(users.findByIds),
      // Everybody sees their own bindings, those in projects too that they have left: `visibleRoleBinding` decides.
      roleBinding: createEntityLoader(system.roleBindings.findByIds),
      quota: createEntityLoader(quotas.findByIds),
      approval: createEntityLoader(approvals.findByIds),
      approvalOfTarget: createApprovalOfTargetLoader(approvals),
      profile: createProfileLoader(users),
      quotasOfProject: createQuotasOfProjectLoader(quotas),
      auditEvent: createAuditEventLoader(trail, principal),
      trail: createTrailLoader(trail, principal),
      trailCount: createTrailCountLoader(trail, principal),
    },
    async trailIsCurrent() {
      const { position } = context.written;
      const own = position === null ? {} : { [spine.context]: String(position) };
      await spine.catchUp({ ...call.positions, ...own });
    },
    async approvalsAreCurrent() {
      await spine.reacted(APPROVAL_PROCESS, call.positions);
    },
  };
  return context;
}
