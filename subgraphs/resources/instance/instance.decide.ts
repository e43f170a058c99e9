import type { InstanceEvent, InstanceSpec, Placement } from '../../../contracts/resources.events.js';
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
  { type: 'InstanceRequested', data: { ...request, deadline: deadlineOf('REQUESTED', now) } },
  {
    type: 'InstanceAdmitted',
    data: { holdId: admission.holdId, deadline: deadlineOf('ALLOCATING', now) },
  },
  {
    type: 'InstanceAllocated',
    data: { placement: admission.placement, deadline: deadlineOf('PROVISIONING', now) },
  },
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

export function decideTerminate(instance: Instance, now: Date): InstanceEvent[] {
  checkCommand(instance, 'terminateInstance');
  return [{ type: COMMANDS.terminateInstance, data: { deadline: deadlineOf('TERMINATING', now) } }];
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
