import type { Permission } from '../../../contracts/permissions.js';
import { forbidden } from '../../../platform/errors.js';
import { may, type Principal } from '../../../platform/identity/principal.js';
import type { DeploymentEntity } from './deployment.js';

const ALL = 'deployment:write' satisfies Permission;
const OWN = 'deployment:writeOwn' satisfies Permission;

/** Who may command deployments of others may command their own. */
export function checkMayDeploy(viewer: Principal, projectId: string): void {
  if (!may(viewer, ALL, projectId) && !may(viewer, OWN, projectId)) throw forbidden(OWN);
}

export const mayCommand = (viewer: Principal, { state, createdBy }: DeploymentEntity): boolean =>
  may(viewer, ALL, state.projectId) || (createdBy.id === viewer.id && may(viewer, OWN, state.projectId));

export function checkMayCommand(viewer: Principal, deployment: DeploymentEntity): void {
  if (!mayCommand(viewer, deployment)) throw forbidden(ALL);
}
