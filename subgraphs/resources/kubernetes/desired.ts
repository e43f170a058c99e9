import type { DeploymentSpec, InstanceSpec } from '../../../contracts/resources.events.js';
import type { JobSpec } from '../../../contracts/scheduling.events.js';
import type { Observation } from '../instance/instance.observe.js';

/** A project as the cluster must know it: `key` names its namespace. */
export type DesiredProject = { id: string; key: string; gpusNominal: number };

/** How much of an instance the cluster must hold: its pod, only its volume and identity, or nothing. */
export type Presence = 'RUNNING' | 'KEPT' | 'GONE';

export type DesiredInstance = {
  id: string;
  projectId: string;
  projectKey: string;
  spec: InstanceSpec;
  presence: Presence;
  /** Of what it was given; null before. */
  gpuModelId: string | null;
  /** The name of the node that its allocation chose; null while it has none, which is when it does not run. */
  nodeName: string | null;
};

/** The pods of a workload that belong on one node. */
export type DesiredShare = { nodeName: string; pods: number; gpusPerPod: number };

type WorkloadKind =
  { kind: 'JOB'; spec: JobSpec; maxRuntimeSeconds: number } | { kind: 'DEPLOYMENT'; spec: DeploymentSpec };

export type DesiredWorkload = WorkloadKind & {
  id: string;
  /** The job's or the deployment's id. */
  ownerId: string;
  attempt: number;
  projectId: string;
  projectKey: string;
  gpuModelId: string;
  shares: DesiredShare[];
  /** Whether the cluster must hold it, or nothing of it. */
  presence: 'RUNNING' | 'GONE';
  /** Whether the cluster was seen to hold it. */
  created: boolean;
  /** Whether all its pods were seen to run, or the first of a deployment's. */
  ran: boolean;
  /** How many replicas of a deployment were counted last. */
  replicas: { desired: number; ready: number } | null;
  /** When it was seen to have ended; null as long as it was not. */
  endedAt: string | null;
};

/** What the reconcilers need of the rest of resources. Every answer is the read model as it is now. */
export interface DesiredState {
  projects(): Promise<DesiredProject[]>;
  /** Every instance that is not final, and those that ended with devices that nobody has seen freed. */
  instances(): Promise<DesiredInstance[]>;
  /** The ids, of those given, that ended: what the cluster still holds of them may be deleted. */
  ended(instanceIds: readonly string[]): Promise<ReadonlySet<string>>;
  /** Every workload that was admitted and is not cleared yet. */
  workloads(): Promise<DesiredWorkload[]>;
  /** The ids, of those given, of workloads that were cleared: what the cluster still holds of them may be deleted. */
  cleared(workloadIds: readonly string[]): Promise<ReadonlySet<string>>;
}

/** What the reconcilers saw of an instance. Telling the same again changes nothing. */
export type Observe = (instanceId: string, observations: readonly Observation[]) => Promise<void>;
