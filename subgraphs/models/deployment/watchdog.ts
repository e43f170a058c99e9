import type { Commands } from '../../../platform/command/commands.js';
import type { Unit } from '../../../platform/command/unit.js';
import type { DeploymentEvent } from '../../../contracts/models.events.js';
import type { Entity } from '../../../platform/eventStore/aggregate.js';
import type { EventStore } from '../../../platform/eventStore/eventStore.js';
import { commandAfter } from '../../../platform/saga/commandAfter.js';
import type { DueTimer } from '../../../platform/saga/timers.js';
import { decideDeadline } from './deployment.decide.js';
import type { DeploymentEntity, DeploymentState } from './deployment.js';
import { deploymentAggregate } from './deployment.projection.js';

export const DEADLINE_TIMER = 'deploymentDeadline';

/** Saves a deployment, and sets the timer of its deadline or takes it away. */
export async function saveDeployment(
  unit: Unit,
  deployment: Entity<DeploymentState>,
  events: readonly DeploymentEvent[],
  projectId: string,
): Promise<DeploymentEntity> {
  const saved = await unit.save(deploymentAggregate, deployment, events, projectId);
  const { deadline, deadlineMissed } = saved.state;
  if (deadline === null || deadlineMissed) await unit.clearTimer(DEADLINE_TIMER, saved.id);
  else await unit.setTimer(DEADLINE_TIMER, saved.id, new Date(deadline));
  return saved;
}

/** The timer's handler: a deployment that is still in the status whose deadline passed. A repeat changes nothing. */
export const createWatchdog =
  ({ commands, store }: { commands: Commands; store: EventStore }) =>
  async ({ key: id }: DueTimer): Promise<void> => {
    const by = { by: 'deployment-watchdog', name: 'missDeploymentDeadline' };
    const command = await commandAfter(store, id, by);
    if (!command) return;
    await commands.execute(command, async (unit) => {
      const { state, ...deployment } = await unit.load(deploymentAggregate, id);
      if (!state) return;
      const events = decideDeadline({ ...deployment, state }, unit.now);
      if (events.length > 0) await saveDeployment(unit, { ...deployment, state }, events, state.projectId);
    });
  };
