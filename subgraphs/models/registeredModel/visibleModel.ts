import { required, visible } from '../access.js';
import type { Context } from '../context.js';
import type { RegisteredModelEntity } from './registeredModel.repository.js';
import { registeredModelAggregate } from './registeredModel.projection.js';
import { type RegisteredModel, toRegisteredModel } from './registeredModel.type.js';

/** The one door to a model, now or as it was then. What the viewer may not see is not there. */
export async function visibleModel(
  id: string,
  { loaders, principal, store }: Context,
  asOf: Date | null = null,
): Promise<RegisteredModel | null> {
  const current = visible(principal, await loaders.model.load(id));
  if (!current || !asOf) return current && toRegisteredModel(current);
  const { state, ...past } = await store.load(registeredModelAggregate, id, { until: asOf.toISOString() });
  return state && toRegisteredModel({ ...past, state });
}

/** The model that a command is about. */
export const requiredModel = (id: string, { loaders, principal }: Context): Promise<RegisteredModelEntity> =>
  required(principal, { kind: 'RegisteredModel', id, load: (key) => loaders.model.load(key) });
