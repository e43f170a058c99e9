import type { ApprovalAsk } from '../../../contracts/approval.js';
import type {
  InstanceEndReason,
  InstanceEvent,
  InstanceSpec,
  Placement,
} from '../../../contracts/resources.events.js';
import { illegalTransition } from '../../../platform/errors.js';
import type { Existing } from '../../../platform/eventStore/aggregate.js';
import type { InstanceState } from './instance.js';
import {
  allowedCommands,
  COMMANDS,
  deadlineOf,
  type InstanceCommandName,
  resultingPhase,
  leads,
} from './instance.transitions.js';

type Instance = Existing<InstanceState>;

export type NewInstance = {
  id: string;
  projectId: string;
  name: string;
  spec: InstanceSpec;
  planHash: string;
  reason: string | null;
};

/** What admission gave it: money, if there is a price, and devices. */
export type Admission = { holdId: string | null; placement: Placement };

/** A request that nobody needs to approve: from nothing to PROVISIONING, with its devices. */
export const decideRequest = (request: NewInstance, admission: Admission, now: Date): InstanceEvent[] => [
  requested(request, now),
  ...admitted(admission, now),
];

/** A request that waits for somebody else. It has nothing yet. */
export const decideRequestApproval = (request: NewInstance, ask: ApprovalAsk, now: Date): InstanceEvent[] => [
  requested(request, now),
  { type: 'InstanceApprovalAsked', data: { ask, deadline: deadlineOf('AWAITING_APPROVAL', now) } },
];

/** Whether it waits for this approval, and for its plan. */
export const waitsFor = ({ state }: Pick<Instance, 'state'>, approvalId: string): boolean =>
  state.phase === 'AWAITING_APPROVAL' && state.approvalId === approvalId;

/** Goes on with devices, once the approval that it waits for was given. Nothing if it does not wait for it. */
export const decideAdmission = (
  instance: Instance,
  approvalId: string,
  admission: Admission,
  now: Date,
): InstanceEvent[] => (waitsFor(instance, approvalId) ? admitted(admission, now) : []);

/** Gives up what waited for the approval. Nothing if it does not wait for it. */
export const decideRefusal = (
  instance: Instance,
  approvalId: string,
  refusal: { endReason: InstanceEndReason; message: string; retryable: boolean },
): InstanceEvent[] => (waitsFor(instance, approvalId) ? [{ type: 'InstanceFailed', data: refusal }] : []);

const requested = (request: NewInstance, now: Date): InstanceEvent => ({
  type: 'InstanceRequested',
  data: { ...request, deadline: deadlineOf('REQUESTED', now) },
});

const admitted = ({ holdId, placement }: Admission, now: Date): InstanceEvent[] => [
  { type: 'InstanceAdmitted', data: { holdId, deadline: deadlineOf('ALLOCATING', now) } },
  { type: 'InstanceAllocated', data: { placement, deadline: deadlineOf('PROVISIONING', now) } },
];

/** Refused with ILLEGAL_TRANSITION and the commands that the phase allows. */
export function checkCommand(
  { id, state }: Pick<Instance, 'id' | 'state'>,
  command: InstanceCommandName,
): void {
  if (resultingPhase(state.phase, command) === null)
    throw illegalTransition({ id, state: state.phase }, allowedCommands(state.phase));
}

export function decideStart(instance: Instance, admission: Admission, now: Date): InstanceEvent[] {
  checkCommand(instance, 'startInstance');
  return [{ type: COMMANDS.startInstance, data: { ...admission, deadline: deadlineOf('STARTING', now) } }];
}

export function decideStop(instance: Instance, now: Date): InstanceEvent[] {
  checkCommand(instance, 'stopInstance');
  return [{ type: COMMANDS.stopInstance, data: { deadline: deadlineOf('STOPPING', now) } }];
}

/** What was never given devices has nothing in the cluster that would have to go first. */
export function decideTerminate(instance: Instance, now: Date): InstanceEvent[] {
  checkCommand(instance, 'terminateInstance');
  const asked: InstanceEvent = {
    type: COMMANDS.terminateInstance,
    data: { deadline: deadlineOf('TERMINATING', now) },
  };
  if (instance.state.placement !== null) return [asked];
  return [asked, { type: 'InstanceTerminated', data: { endReason: 'TERMINATED_BY_REQUEST' } }];
}

/** The watchdog: says that the phase did not end in time, and gives up what does not run yet. */
export function decideDeadline({ state }: Instance, now: Date): InstanceEvent[] {
  const { phase, deadline, deadlineMissed } = state;
  if (deadline === null || deadlineMissed || new Date(deadline) > now) return [];
  const missed: InstanceEvent = { type: 'InstanceDeadlineMissed', data: { state: phase, deadline } };
  if (!leads(phase, 'InstanceFailed')) return [missed];
  const endReason = phase === 'AWAITING_APPROVAL' ? 'APPROVAL_EXPIRED' : 'PROVISIONING_TIMEOUT';
  const message = `${phase} did not end by ${deadline}`;
  return [missed, { type: 'InstanceFailed', data: { endReason, message, retryable: true } }];
}
