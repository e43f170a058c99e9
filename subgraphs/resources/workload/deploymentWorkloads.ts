import type { DeploymentEvent } from '../../../contracts/models.events.js';
import type { Positioned } from '../../../platform/eventStore/event.js';
import type { ProcessManager } from '../../../platform/saga/processManager.js';
import { reactionTo } from '../../../platform/saga/reaction.js';
import type { WorkloadAdmission } from './workload.admission.js';
import type { EndWorkloads } from './workload.ending.js';

const NAME = 'resources.deployment-workloads';

/** After these nothing of the deployment may run. */
const OVER: readonly DeploymentEvent['type'][] = [
  'DeploymentDeletionRequested',
  'DeploymentDeleted',
  'DeploymentFailed',
];

/** Gives deployments their devices and holds the money for them, and ends what runs of those that are deleted. */
export const createDeploymentWorkloads = (deps: {
  admission: WorkloadAdmission;
  end: EndWorkloads;
}): ProcessManager => ({
  name: NAME,
  source: 'models',
  types: ['DeploymentAdmissionAsked', ...OVER],
  async react(event) {
    const { type, data } = event as Positioned<DeploymentEvent>;
    if (type !== 'DeploymentAdmissionAsked') return deps.end(event, NAME, 'CANCELLED');
    const admit = reactionTo(event, { manager: NAME, command: 'admitDeployment' });
    const refuse = reactionTo(event, { manager: NAME, command: 'refuseDeployment' });
    return deps.admission.admitDeployment({ admit, refuse }, event.streamId, data);
  },
});
