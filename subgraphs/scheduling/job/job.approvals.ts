import type { ApprovalOutcome } from '../../../contracts/approval.js';
import type { Commands } from '../../../platform/command/commands.js';
import type { Positioned } from '../../../platform/eventStore/event.js';
import type { EventStore } from '../../../platform/eventStore/eventStore.js';
import type { ProcessManager } from '../../../platform/saga/processManager.js';
import { reactionTo } from '../../../platform/saga/reaction.js';
import { type ApprovalVerdict, decideApproval } from './job.decide.js';
import type { JobState } from './job.js';
import { canEverRun, type PlanJob, requestOf } from './job.planner.js';
import { jobAggregate } from './job.projection.js';
import { loadJob, saveJob } from './job.save.js';

const NAME = 'scheduling.job-approvals';

const VERDICTS: Readonly<Record<string, ApprovalVerdict>> = {
  ApprovalApproved: 'APPROVED',
  ApprovalRejected: 'REJECTED',
  ApprovalExpired: 'EXPIRED',
  ApprovalWithdrawn: 'WITHDRAWN',
  ApprovalSuperseded: 'SUPERSEDED',
};

/** Lets approved jobs go on if they would still plan as they did, and ends those that nobody will approve. */
export function createJobApprovals(deps: {
  commands: Commands;
  store: EventStore;
  planJob: PlanJob;
}): ProcessManager {
  const { commands, store, planJob } = deps;

  /** An approval counts for its plan only: what would be planned otherwise now has to be asked for again. */
  async function judge(state: JobState): Promise<ApprovalVerdict> {
    const assessment = await planJob(requestOf(state));
    if (assessment.plan.planHash !== state.planHash) return 'SUPERSEDED';
    return canEverRun(assessment) ? 'APPROVED' : 'UNSATISFIABLE';
  }

  return {
    name: NAME,
    source: 'governance',
    types: Object.keys(VERDICTS),
    async react(event) {
      const { approvalId, target } = (event as Positioned<{ type: string; data: ApprovalOutcome }>).data;
      const said = VERDICTS[event.type];
      if (target.type !== 'Job' || !said) return;
      const { state } = await store.load(jobAggregate, target.id);
      if (state?.phase !== 'AWAITING_APPROVAL') return;
      const verdict = said === 'APPROVED' ? await judge(state) : said;
      const command = reactionTo(event, { manager: NAME, command: 'followApproval' });
      await commands.execute(command, async (unit) => {
        const job = await loadJob(unit, target.id);
        const events = decideApproval(job, { approvalId, verdict }, unit.now);
        if (events.length > 0) await saveJob(unit, job, events);
        return null;
      });
    },
  };
}
