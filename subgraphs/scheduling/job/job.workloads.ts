import type { BillingCalls } from '../../../contracts/calls.js';
import type { WorkloadEvent } from '../../../contracts/resources.events.js';
import { readWorkloadId } from '../../../contracts/workloadId.js';
import type { Commands } from '../../../platform/command/commands.js';
import type { Positioned } from '../../../platform/eventStore/event.js';
import type { EventStore } from '../../../platform/eventStore/eventStore.js';
import type { ProcessManager } from '../../../platform/saga/processManager.js';
import { reactionTo } from '../../../platform/saga/reaction.js';
import { activeAttempt } from './job.js';
import { jobAggregate } from './job.projection.js';
import { loadJob, saveJob } from './job.save.js';
import { decideWorkload } from './job.workload.js';

const NAME = 'scheduling.job-workloads';

/** Takes jobs through what becomes of them in the cluster, as resources tell it. */
export function createJobWorkloads(deps: {
  commands: Commands;
  store: EventStore;
  billing: Pick<BillingCalls, 'releaseHold'>;
}): ProcessManager {
  const { commands, store, billing } = deps;

  /** Nothing was given for the money that is held: others may have it. Billing itself sees to what was given. */
  async function giveBack(event: Positioned, jobId: string, attempt: number): Promise<void> {
    const { state } = await store.load(jobAggregate, jobId);
    // Once the job has heard of the refusal, what is held is for a later attempt.
    const active = state && activeAttempt(state);
    if (active?.number !== attempt || active.holdId === null) return;
    const { onBehalfOf, actor, requestId, correlationId } = event;
    const origin = { actorId: onBehalfOf ?? actor.id, requestId, correlationId };
    await billing.releaseHold({ ownerId: jobId, holdId: active.holdId, reason: 'NOT_ADMITTED' }, origin);
  }

  return {
    name: NAME,
    source: 'resources',
    types: ['WorkloadAdmitted', 'WorkloadRefused', 'WorkloadRunning', 'WorkloadEnded', 'WorkloadCleared'],
    async react(event) {
      const workload = readWorkloadId(event.streamId);
      if (!workload?.ownerId.startsWith('job_')) return;
      const { ownerId: jobId, attempt } = workload;
      if (event.type === 'WorkloadRefused') await giveBack(event, jobId, attempt);
      const command = reactionTo(event, { manager: NAME, command: 'followWorkload' });
      await commands.execute(command, async (unit) => {
        const job = await loadJob(unit, jobId);
        const events = decideWorkload(job.state, attempt, event as Positioned<WorkloadEvent>, unit.now);
        if (events.length > 0) await saveJob(unit, job, events);
        return null;
      });
    },
  };
}
