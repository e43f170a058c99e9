import type { WorkloadEvent } from '../../../contracts/resources.events.js';
import type { Commands } from '../../../platform/command/commands.js';
import type { Positioned } from '../../../platform/eventStore/event.js';
import type { ProcessManager } from '../../../platform/saga/processManager.js';
import { reactionTo } from '../../../platform/saga/reaction.js';
import { decideObserved } from './deployment.observe.js';
import { deploymentAggregate } from './deployment.projection.js';
import { saveDeployment } from './watchdog.js';

const NAME = 'models.deployment-workloads';

/** The deployment whose workload a stream of resources is the life of; null for those of jobs. */
export const deploymentOfWorkload = (streamId: string): string | null =>
  /^workload_(deployment_[^_]+)_\d+$/.exec(streamId)?.[1] ?? null;

/** Tells deployments what became of their pods and devices. */
export const createWorkloadReactions = ({ commands }: { commands: Commands }): ProcessManager => ({
  name: NAME,
  source: 'resources',
  types: [
    'WorkloadAdmitted',
    'WorkloadRefused',
    'WorkloadRunning',
    'WorkloadReplicasChanged',
    'WorkloadEnded',
    'WorkloadCleared',
  ],
  async react(event) {
    const id = deploymentOfWorkload(event.streamId);
    if (id === null) return;
    const command = reactionTo(event, { manager: NAME, command: 'observeDeployment' });
    await commands.execute(command, async (unit) => {
      const { state, ...deployment } = await unit.load(deploymentAggregate, id);
      if (!state) throw new Error(`${event.type} of ${id}, which nobody requested`);
      const events = decideObserved(state, event as Positioned<WorkloadEvent>, unit.now);
      if (events.length > 0) await saveDeployment(unit, { ...deployment, state }, events, state.projectId);
      return null;
    });
  },
});
