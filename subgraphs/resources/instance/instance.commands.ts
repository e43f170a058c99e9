import { ulid } from 'ulid';
import type { ApprovalAsk } from '../../../contracts/approval.js';
import { approvalAsk } from '../../../contracts/approvalAsk.js';
import type { Plan } from '../../../contracts/plan.js';
import { APPROVAL_POLICY } from '../../../contracts/policy.js';
import type { InstanceEvent } from '../../../contracts/resources.events.js';
import type { CommandAnswer, CommandRequest, Commands } from '../../../platform/command/commands.js';
import { createSingleFlight } from '../../../platform/command/singleFlight.js';
import type { Unit } from '../../../platform/command/unit.js';
import { conflict, notFound } from '../../../platform/errors.js';
import { type Entity, type Existing, unborn } from '../../../platform/eventStore/aggregate.js';
import type { Admission } from '../admission/admission.gate.js';
import { type DeviceOwner, openDevices, placeDevices } from '../admission/devices.js';
import { createTurns } from './inTurn.js';
import { checkMayCommand, checkMayRequest } from './instance.access.js';
import {
  checkCommand,
  decideRequest,
  decideRequestApproval,
  decideStart,
  decideStop,
  decideTerminate,
  type NewInstance,
} from './instance.decide.js';
import type { InstanceState } from './instance.js';
import { instanceAggregate } from './instance.projection.js';
import type { InstanceRepository } from './instance.repository.js';
import type { InstanceRequest } from './instance.request.js';
import { watch } from './watchdog.js';

type Instance = Existing<InstanceState>;

/** `preview` is the instance as it would be, in a dry run; what was stored is read where it stands. */
export type InstanceResult = { id: string; preview: Instance | null };
type Answer = Promise<CommandAnswer<InstanceResult>>;

/** What a command on an instance that exists is about. */
export type InstanceTarget = { id: string; expectedVersion?: number | null };

export type InstanceCommands = ReturnType<typeof createInstanceCommands>;

/** What people do with instances. Every refusal is a PublicError, and leaves nothing behind. */
export function createInstanceCommands(deps: {
  commands: Commands;
  admission: Admission;
  instances: InstanceRepository;
}) {
  const { commands, admission, instances } = deps;
  const fly = createSingleFlight();
  const inTurn = createTurns();

  /** A repeat gets its first answer before anything is looked at or held. */
  const once = (command: CommandRequest, run: () => Answer): Answer =>
    fly(command, async () => (await commands.recall<InstanceResult>(command)) ?? run());

  /** A command that needs nothing but the instance's own state. */
  const change = (
    command: CommandRequest,
    target: InstanceTarget,
    decide: (instance: Instance, now: Date) => InstanceEvent[],
  ): Answer =>
    commands.execute(command, async (unit) => {
      const instance = await loadTarget(unit, command, target);
      const events = decide(instance, unit.now);
      return resultOf(command, await save(unit, instance, events, instance.state.projectId));
    });

  return {
    request(
      command: CommandRequest,
      asked: { request: InstanceRequest; planHash: string | null; reason: string | null },
    ): Answer {
      const { request, planHash, reason } = asked;
      const { projectId, name, spec } = request;
      return once(command, () => {
        checkMayRequest(command.principal, projectId);
        const id = `instance_${ulid()}`;
        const owner: DeviceOwner = { kind: 'INSTANCE', id, projectId };
        const wanted = { owner, gpu: spec.gpu, request, planHash };
        const born = { id, projectId, name, spec, reason };
        return admission.admit(
          command,
          wanted,
          ({ planHash: agreed, holdId, ...given }) =>
            commands.execute(command, async (unit) => {
              const devices = await placeDevices(unit, owner, given, spec.gpu.count);
              const { placement } = devices;
              const events = decideRequest({ ...born, planHash: agreed }, { holdId, placement }, unit.now);
              const instance = await save(unit, unborn(id), events, projectId);
              await openDevices(unit, owner, devices);
              return resultOf(command, instance);
            }),
          (plan) =>
            commands.execute(command, async (unit) => {
              const ask = questionOf(born, plan, unit.now);
              const events = decideRequestApproval({ ...born, planHash: ask.planHash }, ask, unit.now);
              return resultOf(command, await save(unit, unborn(id), events, projectId));
            }),
        );
      });
    },

    /** Starts of one instance take turns: they share the instance's hold, and one's refusal must not end another's. */
    start: (command: CommandRequest, target: InstanceTarget): Answer =>
      once(command, () =>
        inTurn(target.id, async () => {
          const seen = await instances.find(target.id);
          const { id, state } = checkTarget(command, seen ?? unborn(target.id), target);
          checkCommand({ id, state }, 'startInstance');
          await admission.settle(command, id);
          const { projectId, name, spec } = state;
          const owner: DeviceOwner = { kind: 'INSTANCE', id, projectId };
          const wanted = { owner, gpu: spec.gpu, request: { projectId, name, spec }, planHash: null };
          return admission.admit(command, wanted, (admitted) =>
            commands.execute(command, async (unit) => {
              const instance = await loadTarget(unit, command, target);
              checkCommand(instance, 'startInstance');
              const devices = await placeDevices(unit, owner, admitted, spec.gpu.count);
              const events = decideStart(
                instance,
                { holdId: admitted.holdId, placement: devices.placement },
                unit.now,
              );
              const started = await save(unit, instance, events, projectId);
              await openDevices(unit, owner, devices);
              return resultOf(command, started);
            }),
          );
        }),
      ),

    stop: (command: CommandRequest, target: InstanceTarget): Answer => change(command, target, decideStop),

    terminate: (command: CommandRequest, target: InstanceTarget): Answer =>
      change(command, target, decideTerminate),
  };
}

/** What governance is asked about an instance whose plan matches a rule. */
const questionOf = (
  { id, name, reason }: Pick<NewInstance, 'id' | 'name' | 'reason'>,
  plan: Plan,
  now: Date,
): ApprovalAsk => {
  const approvalId = `approval_${ulid()}`;
  const target = { type: 'Instance', id, name } as const;
  return approvalAsk({ approvalId, action: 'REQUEST_INSTANCE', target, reason }, plan, APPROVAL_POLICY, now);
};

const resultOf = (command: CommandRequest, instance: Instance): InstanceResult => ({
  id: instance.id,
  preview: command.dryRun ? instance : null,
});

async function save(
  unit: Unit,
  instance: Entity<InstanceState>,
  events: readonly InstanceEvent[],
  projectId: string,
): Promise<Instance> {
  const saved = await unit.save(instanceAggregate, instance, events, projectId);
  await watch(unit, saved);
  return saved;
}

async function loadTarget(unit: Unit, command: CommandRequest, target: InstanceTarget): Promise<Instance> {
  return checkTarget(command, await unit.load(instanceAggregate, target.id), target);
}

/** In the order in which refusals answer: missing, forbidden, moved on. */
function checkTarget(
  { principal }: CommandRequest,
  instance: Entity<InstanceState>,
  { id, expectedVersion }: InstanceTarget,
): Instance {
  if (instance.state === null) throw notFound('Instance', id);
  const commanded = checkMayCommand(principal, instance);
  if (expectedVersion != null && commanded.version !== expectedVersion)
    throw conflict(id, expectedVersion, commanded.version);
  return commanded;
}
