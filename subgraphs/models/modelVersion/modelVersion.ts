import type {
  Dataset,
  ModelArchitecture,
  ModelPrecision,
  ModelVersionEvent,
} from '../../../contracts/models.events.js';
import { illegalTransition } from '../../../platform/errors.js';
import { versionInUse } from './errors.js';
import {
  allowedCommands,
  COMMANDS,
  isReady,
  mayServe,
  type ModelVersionCommandName,
  type ModelVersionStatus,
  resultingStatus,
  TRANSITIONS,
} from './modelVersion.transitions.js';

/** What a version is; none of it ever changes. Whole numbers that may pass 2^53 are decimal text. */
export type ModelVersionFacts = {
  projectId: string;
  modelId: string;
  /** 1, 2, 3 … in its model. */
  number: number;
  uri: string;
  digest: string;
  sizeBytes: string;
  parameters: string | null;
  precision: ModelPrecision | null;
  producedByJobId: string | null;
  datasets: Dataset[];
  licence: string | null;
  architecture: ModelArchitecture | null;
};

export type ModelVersionState = ModelVersionFacts & {
  status: ModelVersionStatus;
  /** Why it is quarantined or deprecated, if that was said. */
  reason: string | null;
  /** When its status was last seen to be what it says. */
  observedAt: string;
};

/** What the fold needs of an event: the fact, and when it happened. */
export type ModelVersionFact = ModelVersionEvent & { occurredAt: string };

type Version = { id: string; state: ModelVersionState };

/** What relies on a version now: aliases that resolve to it, and deployments that serve it. */
export type VersionUse = { aliases: readonly string[]; deploymentIds: readonly string[] };

export const decideCreateVersion = (id: string, facts: ModelVersionFacts): ModelVersionEvent[] => [
  { type: 'ModelVersionCreated', data: { id, ...facts } },
];

/** Refused with ILLEGAL_TRANSITION and the commands that the status allows. */
function checkCommand({ id, state: { status } }: Version, command: ModelVersionCommandName): void {
  if (resultingStatus(status, command) === null)
    throw illegalTransition({ id, state: status }, allowedCommands(status));
}

export function decideQuarantine(version: Version, reason: string, use: VersionUse): ModelVersionEvent[] {
  checkCommand(version, 'quarantineModelVersion');
  checkUnused(version, use);
  return [{ type: COMMANDS.quarantineModelVersion, data: { reason } }];
}

export function decideRelease(version: Version): ModelVersionEvent[] {
  checkCommand(version, 'releaseModelVersion');
  return [{ type: COMMANDS.releaseModelVersion, data: {} }];
}

export function decideDeprecate(version: Version, reason: string | null): ModelVersionEvent[] {
  checkCommand(version, 'deprecateModelVersion');
  return [{ type: COMMANDS.deprecateModelVersion, data: { reason } }];
}

export function decideArchive(version: Version, use: VersionUse): ModelVersionEvent[] {
  checkCommand(version, 'archiveModelVersion');
  checkUnused(version, use);
  return [{ type: COMMANDS.archiveModelVersion, data: {} }];
}

/** Refused with ILLEGAL_TRANSITION if nothing new may use a version. */
export function checkReady({ id, state: { status } }: Version): void {
  if (!isReady(status)) throw illegalTransition({ id, state: status }, allowedCommands(status));
}

/** Refused with ILLEGAL_TRANSITION if no requests may be sent to a version. */
export function checkMayServe({ id, state: { status } }: Version): void {
  if (!mayServe(status)) throw illegalTransition({ id, state: status }, allowedCommands(status));
}

function checkUnused({ id }: Version, use: VersionUse): void {
  if (use.aliases.length > 0 || use.deploymentIds.length > 0) throw versionInUse(id, use);
}

export function evolveModelVersion(
  before: ModelVersionState | null,
  event: ModelVersionFact,
): ModelVersionState {
  const observedAt = event.occurredAt;
  if (event.type === 'ModelVersionCreated') {
    const { id: _id, ...facts } = event.data;
    return { ...facts, status: 'READY', reason: null, observedAt };
  }
  if (!before) throw new Error(`${event.type} of a version that nobody created`);
  const status = TRANSITIONS[before.status][event.type] ?? before.status;
  const version = { ...before, status, observedAt };
  switch (event.type) {
    case 'EvaluationRecorded':
    case 'ModelVersionArchived':
      return version;
    case 'ModelVersionReleased':
      return { ...version, reason: null };
    case 'ModelVersionQuarantined':
    case 'ModelVersionDeprecated':
      return { ...version, reason: event.data.reason };
  }
}
