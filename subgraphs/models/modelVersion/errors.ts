import { PublicError } from '../../../platform/errors.js';
import type { VersionUse } from './modelVersion.js';

export const versionInUse = (id: string, { aliases, deploymentIds }: VersionUse) =>
  new PublicError(
    'VERSION_IN_USE',
    `Version ${id} has ${aliases.length} aliases and is served by ${deploymentIds.length} deployments`,
    'Move the named aliases and the traffic of the named deployments to another version first.',
    { id, aliases: [...aliases], deploymentIds: [...deploymentIds] },
  );
