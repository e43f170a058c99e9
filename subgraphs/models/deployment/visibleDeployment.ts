import { required, visible } from '../access.js';
import type { Context } from '../context.js';
import { deploymentAggregate } from './deployment.projection.js';
import type { DeploymentEntity } from './deployment.js';
import { type Deployment, toDeployment } from './deployment.type.js';

/** The one door to a deployment, now or as it was then. What the viewer may not see is not there. */
export async function visibleDeployment(
  id: string,
  { loaders, principal, store }: Context,
  asOf: Date | null = null,
): Promise<Deployment | null> {
  const current = visible(principal, await loaders.deployment.load(id));
  if (!current || !asOf) return current && toDeployment(current);
  const { state, ...past } = await store.load(deploymentAggregate, id, { until: asOf.toISOString() });
  return state && toDeployment({ ...past, state });
}

/** The deployment that a command is about. */
export const requiredDeployment = (id: string, { loaders, principal }: Context): Promise<DeploymentEntity> =>
  required(principal, { kind: 'Deployment', id, load: (key) => loaders.deployment.load(key) });
