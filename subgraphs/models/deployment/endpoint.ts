import type { DeploymentEntity } from './deployment.js';
import type { DeploymentStatus } from './deployment.transitions.js';

const HAS_DEVICES: readonly DeploymentStatus[] = ['PROVISIONING', 'AVAILABLE', 'DEGRADED'];

/** The URL of the Service that resources give it: it is named by the deployment's id, in the project's namespace. */
export function endpointOf(
  { id, state }: Pick<DeploymentEntity, 'id' | 'state'>,
  projectKey: string | null,
): string | null {
  if (projectKey === null || !HAS_DEVICES.includes(state.status)) return null;
  return `http://${id.toLowerCase().replaceAll('_', '-')}.${projectKey}.svc:${state.spec.port}`;
}
