import type { ApprovalAsk } from './approval.js';
import type { AttemptEndReason } from './endReasons.js';
import type { KeyValue, SecretReference } from './resources.events.js';

/** Facts of scheduling that other contexts read. Stored for ever: add optional fields or new types only. */
export type QueueEvent = {
  type: 'QueueCreated';
  data: { id: string; projectId: string; name: string };
};

/** What a job's pods are made of, as its owner asked for it. */
export type JobSpec = {
  image: string;
  command: string[];
  /** `modelIn`: catalogue ids, first choice first. `count` devices in all, over as many nodes as it takes. */
  gpu: { modelIn: string[]; count: number };
  env: KeyValue[];
  secretRefs: SecretReference[];
  labels: KeyValue[];
  annotations: KeyValue[];
};

export type JobEndReason =
  | AttemptEndReason
  | 'APPROVAL_REJECTED'
  | 'APPROVAL_EXPIRED'
  | 'APPROVAL_SUPERSEDED'
  | 'APPROVAL_WITHDRAWN'
  /** No device or quota that exists could ever hold it. */
  | 'UNSATISFIABLE'
  /** It waited longer than it may. */
  | 'QUEUE_EXPIRED'
  | 'RETRIES_EXHAUSTED';

/** Why an attempt is made to end. */
export type ForcedEndReason = 'CANCELLED' | 'TIME_LIMIT' | 'START_TIMEOUT';

type JobEnd = { endReason: JobEndReason; message: string | null };

/** `deadline`: when the phase that the event leads to must have ended. Attempts count from 1, without gaps. */
export type JobEvent =
  | {
      type: 'JobSubmitted';
      data: {
        id: string;
        projectId: string;
        queueId: string;
        name: string;
        spec: JobSpec;
        priority: number;
        maxRuntimeSeconds: number;
        planHash: string;
      };
    }
  | { type: 'JobApprovalAsked'; data: { ask: ApprovalAsk; deadline: string } }
  /** From now on it waits for its `attempt`, not to be reserved before `notBefore`. */
  | {
      type: 'JobQueued';
      data: {
        attempt: number;
        cause: 'SUBMITTED' | 'APPROVED' | 'RETRY' | 'CAPACITY_LOST';
        notBefore: string | null;
        deadline: string;
      };
    }
  /** Money is held, and resources are asked for devices. Answered by WorkloadAdmitted or WorkloadRefused. */
  | {
      type: 'JobReserved';
      data: {
        attempt: number;
        projectId: string;
        name: string;
        spec: JobSpec;
        gpuModelId: string;
        holdId: string | null;
        maxRuntimeSeconds: number;
        deadline: string;
      };
    }
  | { type: 'JobStarting'; data: { attempt: number; allocationIds: string[]; deadline: string } }
  | { type: 'JobRunning'; data: { attempt: number; startedAt: string; deadline: string } }
  /**
   * Resources end the workload when they hear of it. `reason` says why the attempt has to end: somebody cancelled the
   * job, or it ran or took longer than it may.
   */
  | { type: 'JobCancelRequested'; data: { attempt: number; reason: ForcedEndReason; deadline: string } }
  /** Its work is over; its devices are still being given back. */
  | { type: 'JobCompleting'; data: { attempt: number; deadline: string } }
  | {
      type: 'JobAttemptEnded';
      data: {
        attempt: number;
        reason: AttemptEndReason;
        exitCode: number | null;
        message: string | null;
        startedAt: string | null;
        endedAt: string;
      };
    }
  | { type: 'JobDeadlineMissed'; data: { phase: string; deadline: string } }
  | { type: 'JobSucceeded'; data: JobEnd }
  | { type: 'JobFailed'; data: JobEnd }
  | { type: 'JobTimedOut'; data: JobEnd }
  | { type: 'JobCancelled'; data: JobEnd }
  | { type: 'JobExpired'; data: JobEnd }
  | { type: 'JobUnsatisfiable'; data: JobEnd };

export type SchedulingEvent = QueueEvent | JobEvent;
