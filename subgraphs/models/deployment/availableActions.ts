import type { AvailableAction } from '../../../platform/graphql/values.type.js';
import type { Principal } from '../../../platform/identity/principal.js';
import { mayCommand } from './deployment.access.js';
import type { DeploymentEntity } from './deployment.js';
import {
  DEPLOYMENT_COMMANDS,
  type DeploymentCommandName,
  resultingStatus,
} from './deployment.transitions.js';

/** Every command on a deployment, and whether its status and the viewer's rights allow it now. */
export function availableActions(deployment: DeploymentEntity, viewer: Principal): AvailableAction[] {
  const hasRight = mayCommand(viewer, deployment);
  return DEPLOYMENT_COMMANDS.map((action) => availableAction(action, deployment, hasRight));
}

function availableAction(
  action: DeploymentCommandName,
  { state: { status, previousTraffic } }: DeploymentEntity,
  hasRight: boolean,
): AvailableAction {
  const resultingState = resultingStatus(status, action);
  const refused = (reason: string) => ({ action, allowed: false, reason, resultingState: null });
  if (!hasRight) return refused('You do not have the right to command it.');
  if (resultingState === null) return refused(`It is ${status}.`);
  if (action === 'restoreTraffic' && previousTraffic === null) return refused('Its traffic was never set.');
  return { action, allowed: true, reason: null, resultingState };
}
