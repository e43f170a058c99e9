import type { InstanceSpec } from '../../../contracts/resources.events.js';
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
  /** The name of the node that its allocation chose; null while it has none, which is when it does not run. */
  nodeName: string | null;
};

/** What the reconcilers need of the rest of resources. Every answer is the read model as it is now. */
export interface DesiredState {
  projects(): Promise<DesiredProject[]>;
  /** Every instance that is not final, and those that ended with devices that nobody has seen freed. */
  instances(): Promise<DesiredInstance[]>;
  /** The ids, of those given, that ended: what the cluster still holds of them may be deleted. */
  ended(instanceIds: readonly string[]): Promise<ReadonlySet<string>>;
}

/** What the reconcilers saw of an instance. Telling the same again changes nothing. */
export type Observe = (instanceId: string, observations: readonly Observation[]) => Promise<void>;
