import { required, visible } from '../access.js';
import type { Context } from '../context.js';
import type { ModelVersionEntity } from './modelVersion.repository.js';
import { modelVersionAggregate } from './modelVersion.projection.js';
import { type ModelVersion, toModelVersion } from './modelVersion.type.js';

/** The one door to a version, now or as it was then. What the viewer may not see is not there. */
export async function visibleVersion(
  id: string,
  { loaders, principal, store }: Context,
  asOf: Date | null = null,
): Promise<ModelVersion | null> {
  const current = visible(principal, await loaders.modelVersion.load(id));
  if (!current || !asOf) return current && toModelVersion(current);
  const { state, ...past } = await store.load(modelVersionAggregate, id, { until: asOf.toISOString() });
  return state && toModelVersion({ ...past, state });
}

/** The version that a command is about. */
export const requiredVersion = (id: string, { loaders, principal }: Context): Promise<ModelVersionEntity> =>
  required(principal, { kind: 'ModelVersion', id, load: (key) => loaders.modelVersion.load(key) });
