import type { AttemptEndReason } from '../../../contracts/endReasons.js';
import type { DeploymentSpec, PodShare, WorkloadEvent } from '../../../contracts/resources.events.js';
import type { JobSpec } from '../../../contracts/scheduling.events.js';
import { workloadIdOf } from '../../../contracts/workloadId.js';
import { type WorkloadPhase, resultingPhase } from './workload.transitions.js';

export type WorkloadOwner = { kind: 'JOB' | 'DEPLOYMENT'; id: string };

export type WorkloadEnd = {
  reason: AttemptEndReason;
  exitCode: number | null;
  message: string | null;
  endedAt: string;
};

/** What a workload was given, and of what it is made. */
export type WorkloadBody = {
  name: string;
  job: { spec: JobSpec; maxRuntimeSeconds: number } | null;
  deployment: DeploymentSpec | null;
  gpuModelId: string;
  clusterId: string;
  shares: PodShare[];
  allocationIds: string[];
  holdId: string | null;
};

/** What runs in a cluster for an attempt of a job, or for a deployment. */
export type WorkloadState = {
  owner: WorkloadOwner;
  attempt: number;
  projectId: string;
  phase: WorkloadPhase;
  /** Null as long as it was refused. */
  body: WorkloadBody | null;
  /** Of its object in the cluster; null as long as nobody saw it. */
  uid: string | null;
  startedAt: string | null;
  /** A deployment's, once somebody counted them. */
  replicas: { desired: number; ready: number } | null;
  /** Why it is to end; null as long as nobody wants that. */
  endReason: AttemptEndReason | null;
  end: WorkloadEnd | null;
  refusal: { code: string; message: string } | null;
  /** When its phase must have ended; null where it may last. */
  deadline: string | null;
  deadlineMissed: boolean;
  /** When its state was last seen to be what it says. */
  observedAt: string;
};

/** What a workload's fold needs of an event: the fact, and when it happened. */
export type WorkloadFact = WorkloadEvent & { occurredAt: string };

export const workloadId = ({ id }: Pick<WorkloadOwner, 'id'>, attempt: number): string =>
  workloadIdOf(id, attempt);

export function evolveWorkload(before: WorkloadState | null, event: WorkloadFact): WorkloadState {
  if (event.type === 'WorkloadAdmitted') return admitted(event);
  if (event.type === 'WorkloadRefused') return refused(event);
  if (!before) throw new Error(`${event.type} of a workload that nobody asked for`);
  return change(advance(before, event), event);
}

function admitted(event: WorkloadFact & { type: 'WorkloadAdmitted' }): WorkloadState {
  const { owner, attempt, projectId, deadline, ...body } = event.data;
  return { ...unstarted({ owner, attempt, projectId }, event), phase: 'ADMITTED', body, deadline };
}

function refused(event: WorkloadFact & { type: 'WorkloadRefused' }): WorkloadState {
  const { owner, attempt, projectId, code, message } = event.data;
  return { ...unstarted({ owner, attempt, projectId }, event), phase: 'REFUSED', refusal: { code, message } };
}

const unstarted = (
  whose: Pick<WorkloadState, 'owner' | 'attempt' | 'projectId'>,
  { occurredAt }: WorkloadFact,
) => ({
  ...whose,
  body: null,
  uid: null,
  startedAt: null,
  replicas: null,
  endReason: null,
  end: null,
  refusal: null,
  deadline: null,
  deadlineMissed: false,
  observedAt: occurredAt,
});

/** Moves the phase as the table says. What is admitted has until its deadline to run, created or not. */
function advance(before: WorkloadState, event: WorkloadFact): WorkloadState {
  const phase = resultingPhase(before.phase, event.type) ?? before.phase;
  const observedAt = event.occurredAt;
  if (phase === before.phase) return { ...before, observedAt };
  if (phase === 'STARTING') return { ...before, phase, observedAt };
  const deadline = 'deadline' in event.data ? event.data.deadline : null;
  return { ...before, phase, deadline, deadlineMissed: false, observedAt };
}

/** What an event says beyond the phase. `workload` has advanced already. */
function change(workload: WorkloadState, event: WorkloadFact): WorkloadState {
  switch (event.type) {
    case 'WorkloadAdmitted':
    case 'WorkloadRefused':
    case 'WorkloadCleared':
      return workload;
    case 'WorkloadCreated':
      return { ...workload, uid: event.data.uid };
    case 'WorkloadRunning':
      return { ...workload, startedAt: event.data.startedAt };
    case 'WorkloadReplicasChanged': {
      const { desired, ready } = event.data;
      return { ...workload, replicas: { desired, ready } };
    }
    case 'WorkloadEndRequested':
      return { ...workload, endReason: event.data.reason };
    case 'WorkloadEnded': {
      const { reason, exitCode, message, endedAt } = event.data;
      return { ...workload, endReason: reason, end: { reason, exitCode, message, endedAt } };
    }
    case 'WorkloadDeadlineMissed':
      return { ...workload, deadlineMissed: true };
  }
}
