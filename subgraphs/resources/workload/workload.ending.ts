import type { AttemptEndReason } from '../../../contracts/endReasons.js';
import type { Commands } from '../../../platform/command/commands.js';
import type { Positioned } from '../../../platform/eventStore/event.js';
import { reactionTo } from '../../../platform/saga/reaction.js';
import { decideEnd } from './workload.decide.js';
import { workloadAggregate } from './workload.projection.js';
import type { WorkloadRepository } from './workload.repository.js';
import { saveWorkload } from './workload.watchdog.js';

export type EndWorkloads = (event: Positioned, manager: string, reason: AttemptEndReason) => Promise<void>;

/** Ends what still runs of the owner that an event is about. The event's stream is the owner's. */
export const createEndWorkloads =
  ({ commands, workloads }: { commands: Commands; workloads: WorkloadRepository }): EndWorkloads =>
  async (event, manager, reason) => {
    for (const id of await workloads.unfinishedOf(event.streamId)) {
      const command = reactionTo(event, { manager, command: 'endWorkload', part: id });
      await commands.execute(command, async (unit) => {
        const workload = await unit.load(workloadAggregate, id);
        if (workload.state === null) return null;
        const events = decideEnd(workload.state, reason, unit.now);
        await saveWorkload(unit, workload, events, workload.state.projectId);
        return null;
      });
    }
  };
