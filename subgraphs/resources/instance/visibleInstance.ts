import type { Context } from '../context.js';
import { canSee } from './instance.access.js';
import { instanceAggregate } from './instance.projection.js';
import { type Instance, toInstance } from './instance.type.js';

/** The one door to an instance, now or as it was then. What the viewer may not see is not there. */
export async function visibleInstance(
  id: string,
  { principal, loaders, store }: Context,
  asOf: Date | null = null,
): Promise<Instance | null> {
  const instance = await loaders.instance.load(id);
  if (!instance || !canSee(principal, instance)) return null;
  if (!asOf) return toInstance(instance);
  const { state, ...past } = await store.load(instanceAggregate, id, { until: asOf.toISOString() });
  return state && toInstance({ ...past, state });
}
