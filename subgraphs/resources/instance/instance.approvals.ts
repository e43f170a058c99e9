import type { ApprovalEvent } from '../../../contracts/governance.events.js';
import type { InstanceEndReason, InstanceEvent } from '../../../contracts/resources.events.js';
import type { Commands } from '../../../platform/command/commands.js';
import type { Unit } from '../../../platform/command/unit.js';
import { PublicError } from '../../../platform/errors.js';
import type { Existing } from '../../../platform/eventStore/aggregate.js';
import type { Positioned } from '../../../platform/eventStore/event.js';
import type { ProcessManager } from '../../../platform/saga/processManager.js';
import { reactionTo } from '../../../platform/saga/reaction.js';
import type { Admission } from '../admission/admission.gate.js';
import { type DeviceOwner, openDevices, placeDevices } from '../admission/devices.js';
import { decideAdmission, decideRefusal, waitsFor } from './instance.decide.js';
import type { InstanceState } from './instance.js';
import { instanceAggregate } from './instance.projection.js';
import type { InstanceRepository } from './instance.repository.js';
import { watch } from './watchdog.js';

export const INSTANCE_APPROVALS = 'resources.instance-approvals';

type Refusal = { endReason: InstanceEndReason; message: string; retryable: boolean };

const REFUSALS = {
  ApprovalRejected: {
    endReason: 'APPROVAL_REJECTED',
    message: 'Its approval was refused.',
    retryable: false,
  },
  ApprovalExpired: {
    endReason: 'APPROVAL_EXPIRED',
    message: 'Nobody decided on its approval in time.',
    retryable: true,
  },
  ApprovalWithdrawn: {
    endReason: 'APPROVAL_WITHDRAWN',
    message: 'Its approval was taken back.',
    retryable: true,
  },
} as const satisfies Record<string, Refusal>;

type DecidedEvent = ApprovalEvent & { type: 'ApprovalApproved' | keyof typeof REFUSALS };

const SUPERSEDED: Refusal = {
  endReason: 'APPROVAL_SUPERSEDED',
  message: 'A price, a limit or a rule has changed since it was asked for.',
  retryable: true,
};

/** What admission says when there is nothing left to give. */
const SHORTAGES = ['QUOTA_EXCEEDED', 'BUDGET_EXCEEDED', 'UNSATISFIABLE', 'CAPACITY_EXHAUSTED'];

/** Goes on with instances that waited for an approval, once it is decided. */
export function createInstanceApprovals(deps: {
  commands: Commands;
  admission: Admission;
  instances: InstanceRepository;
}): ProcessManager {
  const { commands, admission, instances } = deps;

  /** Saves what a decision means for the instance that waits for it; for any other it means nothing. */
  const change = async (
    event: Positioned<DecidedEvent>,
    decide: (instance: Existing<InstanceState>) => InstanceEvent[],
  ): Promise<void> => {
    const request = reactionTo(event, { manager: INSTANCE_APPROVALS, command: 'endInstanceWait' });
    await commands.execute(request, async (unit) => {
      const instance = await load(unit, event.data.target.id);
      if (instance) await save(unit, instance, decide(instance));
      return null;
    });
  };

  const refuse = (event: Positioned<DecidedEvent>, refusal: Refusal): Promise<void> =>
    change(event, (instance) => decideRefusal(instance, event.data.approvalId, refusal));

  /** Plans again, and takes the devices if the plan is still the one that was approved. */
  async function admit(event: Positioned<DecidedEvent>, instance: Existing<InstanceState>): Promise<void> {
    const { approvalId, planHash } = event.data;
    const { id, state } = instance;
    const { projectId, name, spec } = state;
    const owner: DeviceOwner = { kind: 'INSTANCE', id, projectId };
    const wanted = { owner, gpu: spec.gpu, request: { projectId, name, spec }, planHash };
    const command = reactionTo(event, { manager: INSTANCE_APPROVALS, command: 'admitInstance' });
    if (await commands.recall(command)) return;
    await admission.admit(command, wanted, ({ holdId, ...given }) =>
      commands.execute(command, async (unit) => {
        const waiting = await load(unit, id);
        if (!waiting || !waitsFor(waiting, approvalId)) return { id: 'none' };
        const devices = await placeDevices(unit, owner, given, spec.gpu.count);
        const { placement } = devices;
        await save(unit, waiting, decideAdmission(waiting, approvalId, { holdId, placement }, unit.now));
        await openDevices(unit, owner, devices);
        return { id };
      }),
    );
  }

  return {
    name: INSTANCE_APPROVALS,
    source: 'governance',
    types: ['ApprovalApproved', ...Object.keys(REFUSALS)],
    async react(recorded) {
      const event = recorded as Positioned<DecidedEvent>;
      const { approvalId, target, planHash } = event.data;
      const instance = target.type === 'Instance' ? await instances.find(target.id) : null;
      if (!instance || !waitsFor(instance, approvalId)) return;
      if (event.type !== 'ApprovalApproved') return refuse(event, REFUSALS[event.type]);
      if (planHash !== instance.state.planHash) return refuse(event, SUPERSEDED);
      try {
        await admit(event, instance);
      } catch (error) {
        const refusal = refusalOf(error);
        if (!refusal) throw error;
        await refuse(event, refusal);
      }
    },
  };
}

/** What a refusal of admission means for what was approved; null for what is none. */
function refusalOf(error: unknown): Refusal | null {
  if (!(error instanceof PublicError)) return null;
  const { code } = error.extensions;
  if (code === 'PLAN_STALE') return SUPERSEDED;
  if (!SHORTAGES.includes(code)) return null;
  return { endReason: 'CAPACITY_GONE', message: error.message, retryable: true };
}

async function load(unit: Unit, id: string): Promise<Existing<InstanceState> | null> {
  const { state, ...instance } = await unit.load(instanceAggregate, id);
  return state && { ...instance, state };
}

async function save(
  unit: Unit,
  instance: Existing<InstanceState>,
  events: readonly InstanceEvent[],
): Promise<void> {
  await watch(unit, await unit.save(instanceAggregate, instance, events, instance.state.projectId));
}
