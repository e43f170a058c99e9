import type { ModelVersionEvent } from '../../../contracts/models.events.js';

/**
 * Where a version is in its life. It is ready from the first: what it is (digest, size, place) comes with its creation,
 * so that nothing is left to wait for.
 */
export const ModelVersionStatus = {
  READY: 'READY',
  QUARANTINED: 'QUARANTINED',
  DEPRECATED: 'DEPRECATED',
  ARCHIVED: 'ARCHIVED',
} as const;
export type ModelVersionStatus = (typeof ModelVersionStatus)[keyof typeof ModelVersionStatus];

type EventType = ModelVersionEvent['type'];
type Transitions = Partial<Record<EventType, ModelVersionStatus>>;

/** Which event may happen in which status, and where it leads. The deciders refuse what is not here. */
export const TRANSITIONS: Readonly<Record<ModelVersionStatus, Transitions>> = {
  READY: { ModelVersionQuarantined: 'QUARANTINED', ModelVersionDeprecated: 'DEPRECATED' },
  QUARANTINED: { ModelVersionReleased: 'READY', ModelVersionDeprecated: 'DEPRECATED' },
  DEPRECATED: { ModelVersionArchived: 'ARCHIVED' },
  ARCHIVED: {},
};

/** The commands that people give, and the event by which each begins. */
export const COMMANDS = {
  quarantineModelVersion: 'ModelVersionQuarantined',
  releaseModelVersion: 'ModelVersionReleased',
  deprecateModelVersion: 'ModelVersionDeprecated',
  archiveModelVersion: 'ModelVersionArchived',
} as const satisfies Record<string, EventType>;
export type ModelVersionCommandName = keyof typeof COMMANDS;

export const MODEL_VERSION_COMMANDS = Object.keys(COMMANDS) as ModelVersionCommandName[];

/** Where a command leads from a status; null if the status does not allow it. */
export const resultingStatus = (
  status: ModelVersionStatus,
  command: ModelVersionCommandName,
): ModelVersionStatus | null => TRANSITIONS[status][COMMANDS[command]] ?? null;

export const allowedCommands = (status: ModelVersionStatus): ModelVersionCommandName[] =>
  MODEL_VERSION_COMMANDS.filter((command) => resultingStatus(status, command) !== null);

/** Whether something new may use it: an alias, or a deployment. */
export const isReady = (status: ModelVersionStatus): boolean => status === 'READY';

/** Whether requests may be sent to it. */
export const mayServe = (status: ModelVersionStatus): boolean =>
  status === 'READY' || status === 'DEPRECATED';
