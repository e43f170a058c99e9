import type { ApprovalAsk } from '../../../contracts/approval.js';
import type { DeploymentEndReason, DeploymentEvent } from '../../../contracts/models.events.js';
import type { DeploymentSpec } from '../../../contracts/resources.events.js';
import { illegalTransition } from '../../../platform/errors.js';
import { type DeploymentEntity, type DeploymentState, requestOf, WHOLE } from './deployment.js';
import {
  allowedCommands,
  COMMANDS,
  deadlineOf,
  type DeploymentCommandName,
  leads,
  resultingStatus,
} from './deployment.transitions.js';

export type NewDeployment = {
  id: string;
  projectId: string;
  name: string;
  modelId: string;
  modelVersionId: string;
  spec: DeploymentSpec;
  planHash: string;
};

/** A request, and what it leads to at once: with a question, it waits for an approval; without, for its admission. */
export const decideRequest = (born: NewDeployment, ask: ApprovalAsk | null, now: Date): DeploymentEvent[] => [
  {
    type: 'DeploymentRequested',
    data: {
      ...born,
      traffic: [{ modelVersionId: born.modelVersionId, weightBp: WHOLE }],
      deadline: deadlineOf('REQUESTED', now),
    },
  },
  ask ? approvalAsked(ask) : admissionAsked(born, now),
];

/** Whoever decides about approvals ends those that lapse; should that never be heard, it ends an hour later. */
const approvalAsked = (ask: ApprovalAsk): DeploymentEvent => ({
  type: 'DeploymentApprovalAsked',
  data: { ask, deadline: deadlineOf('AWAITING_APPROVAL', new Date(ask.expiresAt)) },
});

const admissionAsked = (deployment: Omit<NewDeployment, 'id'>, now: Date): DeploymentEvent => {
  const { projectId, name, spec, planHash } = deployment;
  const request = requestOf(deployment);
  const deadline = deadlineOf('ALLOCATING', now);
  return { type: 'DeploymentAdmissionAsked', data: { projectId, name, spec, request, planHash, deadline } };
};

/** What became of the approval that it waits for: it may go on, or it has failed for a reason. */
export type ApprovalVerdict = { endReason: DeploymentEndReason; message: string | null } | null;

/** Nothing, if it does not wait for that approval (any more). */
export function decideAfterApproval(
  { state }: DeploymentEntity,
  approvalId: string,
  verdict: ApprovalVerdict,
  now: Date,
): DeploymentEvent[] {
  if (!awaits(state, approvalId)) return [];
  return verdict ? [{ type: 'DeploymentFailed', data: verdict }] : [admissionAsked(state, now)];
}

export const awaits = (state: DeploymentState, approvalId: string): boolean =>
  state.status === 'AWAITING_APPROVAL' && state.approvalId === approvalId;

/** Refused with ILLEGAL_TRANSITION and the commands that the status allows. */
export function checkCommand(
  { id, state }: Pick<DeploymentEntity, 'id' | 'state'>,
  command: DeploymentCommandName,
): void {
  if (resultingStatus(state.status, command) === null)
    throw illegalTransition({ id, state: state.status }, allowedCommands(state.status));
}

/** What waits for its approval is deleted at once; the rest when the cluster holds nothing of it any more. */
export function decideDelete(deployment: DeploymentEntity, now: Date): DeploymentEvent[] {
  checkCommand(deployment, 'deleteDeployment');
  const asked: DeploymentEvent = {
    type: COMMANDS.deleteDeployment,
    data: { deadline: deadlineOf('DELETING', now) },
  };
  return deployment.state.status === 'AWAITING_APPROVAL' ? [asked, deleted] : [asked];
}

export const deleted: DeploymentEvent = {
  type: 'DeploymentDeleted',
  data: { endReason: 'DELETED_BY_REQUEST' },
};

/** The watchdog: says that the status did not end in time, and gives up what does not serve yet. */
export function decideDeadline({ state }: DeploymentEntity, now: Date): DeploymentEvent[] {
  const { status, deadline, deadlineMissed } = state;
  if (deadline === null || deadlineMissed || new Date(deadline) > now) return [];
  const missed: DeploymentEvent = { type: 'DeploymentDeadlineMissed', data: { status, deadline } };
  if (!leads(status, 'DeploymentFailed')) return [missed];
  const endReason = status === 'AWAITING_APPROVAL' ? 'APPROVAL_EXPIRED' : 'PROVISIONING_TIMEOUT';
  const message = `${status} did not end by ${deadline}`;
  return [missed, { type: 'DeploymentFailed', data: { endReason, message } }];
}
