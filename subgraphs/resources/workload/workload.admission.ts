import type { AdmissionRequest, Admission } from '../admission/admission.gate.js';
import { type DeviceOwner, openDevices } from '../admission/devices.js';
import type { DeploymentEvent } from '../../../contracts/models.events.js';
import type { JobEvent } from '../../../contracts/scheduling.events.js';
import type { CommandRequest, Commands } from '../../../platform/command/commands.js';
import type { Unit } from '../../../platform/command/unit.js';
import { PublicError } from '../../../platform/errors.js';
import type { Entity } from '../../../platform/eventStore/aggregate.js';
import { layGang, layPods } from './layout.js';
import { decideAdmit, decideRefuse, mayBeAdmitted } from './workload.decide.js';
import { placeShares } from './workload.devices.js';
import { type WorkloadBody, workloadId, type WorkloadState } from './workload.js';
import { workloadAggregate } from './workload.projection.js';
import type { WorkloadRepository } from './workload.repository.js';
import { saveWorkload } from './workload.watchdog.js';

type Reservation = (JobEvent & { type: 'JobReserved' })['data'];
type DeploymentAsk = (DeploymentEvent & { type: 'DeploymentAdmissionAsked' })['data'];
type Whose = Pick<WorkloadState, 'owner' | 'attempt' | 'projectId'>;
type Wish = Parameters<typeof placeShares>[2];
type Given = Pick<WorkloadBody, 'name' | 'job' | 'deployment' | 'holdId'>;

/** A deployment runs once. */
const ONLY_ATTEMPT = 1;

export type WorkloadAdmission = ReturnType<typeof createWorkloadAdmission>;

/**
 * Gives jobs and deployments their devices, all or nothing, or answers with the refusal that an instance would have got.
 * Asking again changes nothing once it was admitted.
 */
export function createWorkloadAdmission(deps: {
  commands: Commands;
  admission: Admission;
  workloads: WorkloadRepository;
}) {
  const { commands, admission, workloads } = deps;

  /** Money for it is held already, by scheduling; nobody is asked whether it may run but quota and devices. */
  async function admitJob(command: CommandRequest, jobId: string, reserved: Reservation): Promise<void> {
    const { attempt, projectId, name, spec, gpuModelId, holdId, maxRuntimeSeconds } = reserved;
    const whose: Whose = { owner: { kind: 'JOB', id: jobId }, attempt, projectId };
    const { count } = spec.gpu;
    const wish: Wish = { gpuModelId, count, lay: (nodes) => layGang(count, nodes) };
    const given: Given = { name, job: { spec, maxRuntimeSeconds }, deployment: null, holdId };
    await commands.execute(command, async (unit) => {
      const workload = await unit.load(workloadAggregate, workloadId(whose.owner, attempt));
      if (mayBeAdmitted(workload.state))
        await refusing(unit, whose, workload, () => admit(unit, whose, workload, wish, given));
      return { id: workload.id };
    });
  }

  /** Checks the plan, quota, budget and devices as for an instance, and holds the first hour's money. */
  async function admitDeployment(
    command: { admit: CommandRequest; refuse: CommandRequest },
    deploymentId: string,
    asked: DeploymentAsk,
  ): Promise<void> {
    const { projectId, name, spec, request, planHash } = asked;
    const whose: Whose = {
      owner: { kind: 'DEPLOYMENT', id: deploymentId },
      attempt: ONLY_ATTEMPT,
      projectId,
    };
    const id = workloadId(whose.owner, ONLY_ATTEMPT);
    const known = await workloads.find(id);
    if (!mayBeAdmitted(known?.state ?? null)) return;
    const { count } = spec.gpu;
    const pods = spec.replicas.min;
    const owner = deviceOwnerOf(whose);
    const wanted: AdmissionRequest = { owner, gpu: { ...spec.gpu, replicas: pods }, request, planHash };
    try {
      await admission.admit(command.admit, wanted, ({ gpuModelId, holdId }) =>
        commands.execute(command.admit, async (unit) => {
          const workload = await unit.load(workloadAggregate, id);
          const lay: Wish['lay'] = (nodes) => layPods(pods, count, nodes);
          const given: Given = { name, job: null, deployment: spec, holdId };
          if (mayBeAdmitted(workload.state))
            await admit(unit, whose, workload, { gpuModelId, count: pods * count, lay }, given);
          return { id: deploymentId };
        }),
      );
    } catch (error) {
      if (!isRefusal(error)) throw error;
      await commands.execute(command.refuse, async (unit) => {
        const workload = await unit.load(workloadAggregate, id);
        if (mayBeAdmitted(workload.state))
          await saveWorkload(unit, workload, decideRefuse(whose, error), projectId);
        return { id: deploymentId };
      });
    }
  }

  return { admitJob, admitDeployment };
}

/** Takes the devices and saves who has them, in the one transaction that the locks last for. */
async function admit(
  unit: Unit,
  whose: Whose,
  workload: Entity<WorkloadState>,
  wish: Wish,
  given: Given,
): Promise<void> {
  const owner = deviceOwnerOf(whose);
  const { clusterId, shares, devices } = await placeShares(unit, owner, wish);
  const allocationIds = devices.flatMap(({ placement }) => placement.allocationIds);
  const body = { ...given, gpuModelId: wish.gpuModelId, clusterId, shares, allocationIds };
  await saveWorkload(unit, workload, decideAdmit(whose, body, unit.now), whose.projectId);
  for (const taken of devices) await openDevices(unit, owner, taken);
}

/** Runs it, and saves the refusal if it is refused: nothing has been changed by then. */
async function refusing(
  unit: Unit,
  whose: Whose,
  workload: Entity<WorkloadState>,
  run: () => Promise<void>,
): Promise<void> {
  try {
    await run();
  } catch (error) {
    if (!isRefusal(error)) throw error;
    await saveWorkload(unit, workload, decideRefuse(whose, error), whose.projectId);
  }
}

const deviceOwnerOf = ({ owner, projectId }: Whose): DeviceOwner => ({ ...owner, projectId });

const REFUSALS = [
  'NOT_FOUND',
  'PLAN_STALE',
  'QUOTA_EXCEEDED',
  'BUDGET_EXCEEDED',
  'UNSATISFIABLE',
  'CAPACITY_EXHAUSTED',
];

/** An answer, and no fault: whoever asked must be told. */
const isRefusal = (error: unknown): error is PublicError =>
  error instanceof PublicError && REFUSALS.includes(error.extensions.code);
