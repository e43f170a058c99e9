import type { DeploymentEvent } from '../../../contracts/models.events.js';

export const DeploymentStatus = {
  REQUESTED: 'REQUESTED',
  AWAITING_APPROVAL: 'AWAITING_APPROVAL',
  ALLOCATING: 'ALLOCATING',
  PROVISIONING: 'PROVISIONING',
  AVAILABLE: 'AVAILABLE',
  DEGRADED: 'DEGRADED',
  DELETING: 'DELETING',
  DELETED: 'DELETED',
  FAILED: 'FAILED',
} as const;
export type DeploymentStatus = (typeof DeploymentStatus)[keyof typeof DeploymentStatus];

type EventType = DeploymentEvent['type'];
type Transitions = Partial<Record<EventType, DeploymentStatus>>;

const ends = { DeploymentDeletionRequested: 'DELETING', DeploymentFailed: 'FAILED' } as const;
const traffic = (status: DeploymentStatus): Transitions => ({ DeploymentTrafficSet: status });

/**
 * Which event may happen in which status, and where it leads. Events that are not listed for any status say more about a
 * status without ending it. The deciders refuse what is not here.
 */
export const TRANSITIONS: Readonly<Record<DeploymentStatus, Transitions>> = {
  REQUESTED: {
    DeploymentAdmissionAsked: 'ALLOCATING',
    DeploymentApprovalAsked: 'AWAITING_APPROVAL',
    ...ends,
  },
  AWAITING_APPROVAL: { DeploymentAdmissionAsked: 'ALLOCATING', ...ends },
  ALLOCATING: { DeploymentAdmitted: 'PROVISIONING', ...ends },
  PROVISIONING: { DeploymentAvailable: 'AVAILABLE', ...traffic('PROVISIONING'), ...ends },
  AVAILABLE: { DeploymentDegraded: 'DEGRADED', ...traffic('AVAILABLE'), ...ends },
  DEGRADED: { DeploymentAvailable: 'AVAILABLE', ...traffic('DEGRADED'), ...ends },
  DELETING: { DeploymentDeleted: 'DELETED' },
  DELETED: {},
  FAILED: {},
};

/** The commands that people give, and the event by which each begins. */
export const COMMANDS = {
  setTraffic: 'DeploymentTrafficSet',
  restoreTraffic: 'DeploymentTrafficSet',
  deleteDeployment: 'DeploymentDeletionRequested',
} as const satisfies Record<string, EventType>;
export type DeploymentCommandName = keyof typeof COMMANDS;

export const DEPLOYMENT_COMMANDS = Object.keys(COMMANDS) as DeploymentCommandName[];

/** Where a command leads from a status; null if the status does not allow it. */
export const resultingStatus = (
  status: DeploymentStatus,
  command: DeploymentCommandName,
): DeploymentStatus | null => TRANSITIONS[status][COMMANDS[command]] ?? null;

export const allowedCommands = (status: DeploymentStatus): DeploymentCommandName[] =>
  DEPLOYMENT_COMMANDS.filter((command) => resultingStatus(status, command) !== null);

/** Whether an event may happen in a status. */
export const leads = (status: DeploymentStatus, type: EventType): boolean =>
  TRANSITIONS[status][type] !== undefined;

const MINUTE_MS = 60_000;

/** How long each transitional status may last; what waits for an approval, how long after that has lapsed. */
const STATUS_MS: Readonly<Partial<Record<DeploymentStatus, number>>> = {
  REQUESTED: 5 * MINUTE_MS,
  AWAITING_APPROVAL: 60 * MINUTE_MS,
  ALLOCATING: 5 * MINUTE_MS,
  PROVISIONING: 30 * MINUTE_MS,
  DELETING: 10 * MINUTE_MS,
};

export const isTransitional = (status: DeploymentStatus): boolean => STATUS_MS[status] !== undefined;

export const isFinal = (status: DeploymentStatus): boolean => status === 'DELETED' || status === 'FAILED';

/** When a transitional status that begins now must have ended. */
export const deadlineOf = (status: DeploymentStatus, now: Date): string =>
  new Date(now.getTime() + (STATUS_MS[status] ?? 0)).toISOString();
