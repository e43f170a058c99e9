import type { ResourcesCalls } from '../../../contracts/calls.js';
import type { ApprovalEvent } from '../../../contracts/governance.events.js';
import type { DeploymentEndReason } from '../../../contracts/models.events.js';
import type { Commands } from '../../../platform/command/commands.js';
import { PublicError } from '../../../platform/errors.js';
import type { Positioned } from '../../../platform/eventStore/event.js';
import type { EventStore } from '../../../platform/eventStore/eventStore.js';
import type { ProcessManager } from '../../../platform/saga/processManager.js';
import { reactionTo } from '../../../platform/saga/reaction.js';
import { type ApprovalVerdict, awaits, decideAfterApproval } from './deployment.decide.js';
import { type DeploymentState, requestOf } from './deployment.js';
import { deploymentAggregate } from './deployment.projection.js';
import { saveDeployment } from './watchdog.js';

const NAME = 'models.deployment-approvals';

/** What became of an approval, other than that it was given: the deployment ends. */
const ENDINGS = {
  ApprovalRejected: 'APPROVAL_REJECTED',
  ApprovalExpired: 'APPROVAL_EXPIRED',
  ApprovalWithdrawn: 'APPROVAL_WITHDRAWN',
  ApprovalSuperseded: 'APPROVAL_SUPERSEDED',
} as const satisfies Partial<Record<ApprovalEvent['type'], DeploymentEndReason>>;

type Outcome = ApprovalEvent & { type: 'ApprovalApproved' | keyof typeof ENDINGS };

/**
 * Lets deployments go on that were approved, or ends them. An approval counts for its plan only: what would plan otherwise
 * by now has to be asked for anew.
 */
export const createApprovalReactions = (deps: {
  commands: Commands;
  store: EventStore;
  resources: ResourcesCalls;
}): ProcessManager => ({
  name: NAME,
  source: 'governance',
  types: ['ApprovalApproved', ...Object.keys(ENDINGS)],
  async react(event) {
    const { type, data } = event as Positioned<Outcome>;
    const { approvalId, target } = data;
    if (target.type !== 'Deployment') return;
    const seen = await deps.store.load(deploymentAggregate, target.id);
    if (!seen.state || !awaits(seen.state, approvalId)) return;
    const verdict =
      type === 'ApprovalApproved'
        ? await planAgain(deps.resources, seen.state)
        : { endReason: ENDINGS[type], message: null };
    const command = reactionTo(event, { manager: NAME, command: 'settleDeploymentApproval' });
    await deps.commands.execute(command, async (unit) => {
      const { state, ...deployment } = await unit.load(deploymentAggregate, target.id);
      if (!state) throw new Error(`${type} of ${target.id}, which nobody requested`);
      const events = decideAfterApproval({ ...deployment, state }, approvalId, verdict, unit.now);
      if (events.length > 0) await saveDeployment(unit, { ...deployment, state }, events, state.projectId);
      return null;
    });
  },
});

/** What may be gone by the time that somebody has approved. */
const GONE = ['NOT_FOUND', 'QUOTA_EXCEEDED', 'BUDGET_EXCEEDED', 'UNSATISFIABLE', 'CAPACITY_EXHAUSTED'];

async function planAgain(resources: ResourcesCalls, state: DeploymentState): Promise<ApprovalVerdict> {
  const { projectId, planHash, spec } = state;
  const { gpu, replicas } = spec;
  try {
    await resources.planDeployment({ projectId, gpu, replicas, request: requestOf(state), planHash });
    return null;
  } catch (error) {
    if (!(error instanceof PublicError)) throw error;
    const { code } = error.extensions;
    if (code === 'PLAN_STALE') return { endReason: 'APPROVAL_SUPERSEDED', message: error.message };
    if (GONE.includes(code)) return { endReason: 'CAPACITY_GONE', message: error.message };
    throw error;
  }
}
