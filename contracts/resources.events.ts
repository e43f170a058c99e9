import type { ApprovalAsk } from './approval.js';
import type { AttemptEndReason } from './endReasons.js';
import type { JobSpec } from './scheduling.events.js';

/** Facts of resources. Stored for ever: add optional fields or new types only. Times are ISO text of the database's clock. */
export type OwnerKind = 'INSTANCE' | 'JOB' | 'DEPLOYMENT';

/**
 * One device given to one owner, from `from` to `to` (ISO times by the database's clock). The single source for
 * metering, quota usage and metric joins. `basisPoints` of the device: 10,000 is the whole.
 */
export type AllocationEvent =
  | {
      type: 'AllocationOpened';
      data: {
        id: string;
        owner: { kind: OwnerKind; id: string };
        projectId: string;
        gpuId: string;
        gpuModelId: string;
        nodeId: string;
        basisPoints: number;
        from: string;
      };
    }
  | { type: 'AllocationClosed'; data: { id: string; to: string } };

export type KeyValue = { key: string; value: string };
/** A value that the pod reads from a Kubernetes Secret of its project; Fleetgraph never sees it. */
export type SecretReference = { env: string; secret: string; key: string };

/** What a pod with GPUs is made of, as its owner asked for it. */
export type InstanceSpec = {
  image: string;
  /** `modelIn`: catalogue ids, first choice first. */
  gpu: { modelIn: string[]; count: number };
  cpuMillis: number | null;
  memoryMiB: number | null;
  ports: { name: string; port: number }[];
  env: KeyValue[];
  secretRefs: SecretReference[];
  labels: KeyValue[];
  annotations: KeyValue[];
};

/** Where an owner's devices are: all on one node. */
export type Placement = {
  gpuModelId: string;
  clusterId: string;
  nodeId: string;
  allocationIds: string[];
};

export type Endpoint = { name: string; url: string };

export type ProvisioningStepName = 'ALLOCATE' | 'CREATE_POD' | 'SCHEDULE' | 'PULL_IMAGE' | 'START';

export type InstanceEndReason =
  | 'TERMINATED_BY_REQUEST'
  | 'PROVISIONING_TIMEOUT'
  | 'IMAGE_PULL_FAILED'
  | 'POD_REJECTED'
  | 'POD_FAILED'
  | 'APPROVAL_REJECTED'
  | 'APPROVAL_EXPIRED'
  | 'APPROVAL_SUPERSEDED'
  | 'APPROVAL_WITHDRAWN'
  | 'CAPACITY_GONE';

/** `deadline`: when the state that the event leads to must have ended. */
export type InstanceEvent =
  | {
      type: 'InstanceRequested';
      data: {
        id: string;
        projectId: string;
        name: string;
        spec: InstanceSpec;
        planHash: string;
        reason: string | null;
        deadline: string;
      };
    }
  | { type: 'InstanceApprovalAsked'; data: { ask: ApprovalAsk; deadline: string } }
  /** Quota and budget allow it. `holdId` is null where no price is known. */
  | { type: 'InstanceAdmitted'; data: { holdId: string | null; deadline: string } }
  | { type: 'InstanceAllocated'; data: { placement: Placement; deadline: string } }
  | { type: 'InstancePodCreated'; data: { podUid: string; deadline: string } }
  | { type: 'InstanceStepStarted'; data: { step: ProvisioningStepName } }
  | {
      type: 'InstanceStepProgressed';
      data: { step: ProvisioningStepName; percent: number | null; message: string | null };
    }
  | {
      type: 'InstanceStepFinished';
      data: { step: ProvisioningStepName; outcome: 'SUCCEEDED' | 'FAILED'; message: string | null };
    }
  | { type: 'InstanceRunning'; data: { endpoints: Endpoint[] } }
  | { type: 'InstanceEndpointsChanged'; data: { endpoints: Endpoint[] } }
  | { type: 'InstanceDegraded'; data: { reason: string; message: string | null } }
  | { type: 'InstanceRecovered'; data: { endpoints: Endpoint[] } }
  | { type: 'InstanceStopRequested'; data: { deadline: string } }
  | { type: 'InstanceStopped'; data: Record<never, never> }
  | {
      type: 'InstanceStartRequested';
      data: { holdId: string | null; placement: Placement; deadline: string };
    }
  | { type: 'InstanceTerminationRequested'; data: { deadline: string } }
  | { type: 'InstanceTerminated'; data: { endReason: InstanceEndReason } }
  /** The watchdog's: the state did not end in time. */
  | { type: 'InstanceDeadlineMissed'; data: { state: string; deadline: string } }
  | {
      type: 'InstanceFailed';
      data: { endReason: InstanceEndReason; message: string | null; retryable: boolean };
    };

/** What a deployment's replicas are made of. `gpu` is what each replica needs. */
export type DeploymentSpec = {
  image: string;
  port: number;
  gpu: { modelIn: string[]; count: number };
  replicas: { min: number; max: number };
  /** Where the model's files are, and what they must hash to. */
  model: { uri: string; digest: string };
};

/** The devices of equal pods on one node: `pods` of them, each with `gpusPerPod` devices. */
export type PodShare = { nodeId: string; pods: number; gpusPerPod: number };

/**
 * What runs in the cluster for a job's attempt or for a deployment, all of it or nothing. Its stream is
 * `workload_<owner id>_<attempt>`; a deployment has the one attempt 1. `deadline`: when it must have come further.
 */
export type WorkloadEvent =
  | {
      type: 'WorkloadAdmitted';
      data: {
        owner: { kind: 'JOB' | 'DEPLOYMENT'; id: string };
        attempt: number;
        projectId: string;
        name: string;
        job: { spec: JobSpec; maxRuntimeSeconds: number } | null;
        deployment: DeploymentSpec | null;
        gpuModelId: string;
        clusterId: string;
        shares: PodShare[];
        allocationIds: string[];
        holdId: string | null;
        deadline: string;
      };
    }
  /** Nothing was given. `code` is the refusal that a caller would have got, `details` its numbers. */
  | {
      type: 'WorkloadRefused';
      data: {
        owner: { kind: 'JOB' | 'DEPLOYMENT'; id: string };
        attempt: number;
        projectId: string;
        code: string;
        message: string;
        details: Record<string, unknown>;
      };
    }
  /** The cluster has its objects. */
  | { type: 'WorkloadCreated'; data: { uid: string } }
  /** All its pods run (a job), or the first replica answers (a deployment). */
  | { type: 'WorkloadRunning'; data: { startedAt: string; deadline: string | null } }
  | { type: 'WorkloadReplicasChanged'; data: { desired: number; ready: number } }
  /** It is to end: its objects are deleted. */
  | { type: 'WorkloadEndRequested'; data: { reason: AttemptEndReason; deadline: string } }
  /** It has ended, or can go no further. Its devices are given back when its pods are gone. */
  | {
      type: 'WorkloadEnded';
      data: {
        reason: AttemptEndReason;
        exitCode: number | null;
        message: string | null;
        endedAt: string;
        deadline: string;
      };
    }
  /** Its pods are gone, and its allocations are closed. */
  | { type: 'WorkloadCleared'; data: Record<never, never> }
  | { type: 'WorkloadDeadlineMissed'; data: { phase: string; deadline: string } };

export type ClusterConnectivity = 'ONLINE' | 'DEGRADED' | 'OFFLINE';

export type ClusterEvent =
  | {
      type: 'ClusterRegistered';
      data: { id: string; name: string; provider: string; region: string | null };
    }
  | { type: 'ClusterVersionChanged'; data: { kubernetesVersion: string } }
  | {
      type: 'ClusterConnectivityChanged';
      data: { connectivity: ClusterConnectivity; reason: string | null };
    }
  /** Another replica leads it. Terms only grow; what a leader of an older one saw or decided counts no more. */
  | { type: 'ClusterLeaderChanged'; data: { term: number } }
  /** Somebody changed or deleted an object behind our back, and it was put right. */
  | {
      type: 'ClusterObjectRestored';
      data: { kind: string; namespace: string | null; name: string; found: 'CHANGED' | 'DELETED' };
    };

export type GpuHealth = 'HEALTHY' | 'WARNING' | 'FAILURE' | 'UNKNOWN';

/** A device as its node reports it. `uuid` and `memoryMiB` are null where nobody measured them. */
export type ObservedDevice = {
  index: number;
  gpuModelId: string;
  uuid: string | null;
  memoryMiB: number | null;
  health: GpuHealth;
};

export type ObservedNode = {
  name: string;
  zone: string | null;
  cpuMillis: number;
  memoryMiB: number;
  /** Whether the cluster says that the node can run pods. */
  ready: boolean;
  /** Whether the cluster keeps new pods away, by whoever's wish. */
  unschedulable: boolean;
  devices: ObservedDevice[];
};

export type NodeEvent =
  | { type: 'NodeDiscovered'; data: { id: string; clusterId: string; observed: ObservedNode } }
  | { type: 'NodeChanged'; data: { observed: ObservedNode } }
  /** A complete list of the cluster's nodes did not have it. Seen again, it is `NodeChanged`. */
  | { type: 'NodeLost'; data: Record<never, never> }
  | { type: 'NodeCordoned'; data: { reason: string | null } }
  | { type: 'NodeUncordoned'; data: Record<never, never> };

export type ResourcesEvent = AllocationEvent | InstanceEvent | WorkloadEvent | ClusterEvent | NodeEvent;
