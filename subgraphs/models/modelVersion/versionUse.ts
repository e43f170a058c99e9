import type { Unit } from '../../../platform/command/unit.js';
import { registeredModelAggregate } from '../registeredModel/registeredModel.projection.js';
import type { VersionUse } from './modelVersion.js';

/** What relies on a version now. Ask while you hold the model's lock. */
export async function readVersionUse(unit: Unit, modelId: string, versionId: string): Promise<VersionUse> {
  const { state } = await unit.load(registeredModelAggregate, modelId);
  const served = await unit.tx.$queryRaw<{ id: string }[]>`
    SELECT d.id FROM models.deployment_version s JOIN models.deployment d ON d.id = s.deployment_id
    WHERE s.model_version_id = ${versionId} AND d.status NOT IN ('DELETED', 'FAILED') ORDER BY d.id`;
  const resolving = state?.aliases.filter((alias) => alias.versionId === versionId) ?? [];
  return { aliases: resolving.map(({ name }) => name), deploymentIds: served.map(({ id }) => id) };
}
