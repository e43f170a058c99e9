import type {
  CoreV1Event,
  V1Deployment,
  V1Job,
  V1Lease,
  V1Namespace,
  V1NetworkPolicy,
  V1Node,
  V1ObjectMeta,
  V1PersistentVolumeClaim,
  V1Pod,
  V1ReplicaSet,
  V1ResourceQuota,
  V1Secret,
  V1Service,
  V1ServiceAccount,
  V1StatefulSet,
} from '@kubernetes/client-node';

/**
 * A Kubernetes type as it stands in JSON: times are RFC 3339 strings, not `Date`, and what the client calls `_from`, because
 * `from` is a keyword somewhere, is `from`.
 */
export type Wire<T> = T extends Date
  ? string
  : T extends readonly (infer Element)[]
    ? Wire<Element>[]
    : T extends object
      ? { [Key in keyof T as Key extends `_${infer Name}` ? Name : Key]: Wire<T[Key]> }
      : T;

/** What every object that a cluster returns has. */
export type KubeObject = {
  apiVersion: string;
  kind: string;
  metadata: Wire<V1ObjectMeta> & { name: string; uid: string; resourceVersion: string };
};

type Returned<T> = Wire<Omit<T, 'apiVersion' | 'kind' | 'metadata'>> & KubeObject;

export type Namespace = Returned<V1Namespace>;
export type Node = Returned<V1Node>;
export type Pod = Returned<V1Pod>;
export type Service = Returned<V1Service>;
export type ServiceAccount = Returned<V1ServiceAccount>;
export type Secret = Returned<V1Secret>;
export type ResourceQuota = Returned<V1ResourceQuota>;
export type PersistentVolumeClaim = Returned<V1PersistentVolumeClaim>;
export type ClusterEvent = Returned<CoreV1Event>;
export type NetworkPolicy = Returned<V1NetworkPolicy>;
export type StatefulSet = Returned<V1StatefulSet>;
export type Deployment = Returned<V1Deployment>;
export type ReplicaSet = Returned<V1ReplicaSet>;
export type Job = Returned<V1Job>;
export type Lease = Returned<V1Lease>;

/** Where a kind of object lives in the API. `T` is the type of its objects. */
export type Kind<T extends KubeObject = KubeObject> = {
  apiVersion: string;
  kind: string;
  plural: string;
  namespaced: boolean;
  /** Never set: it ties the kind to its type. */
  readonly type?: T;
};

function kind<T extends KubeObject>(
  apiVersion: string,
  name: string,
  plural: string,
  namespaced = true,
): Kind<T> {
  return { apiVersion, kind: name, plural, namespaced };
}

export const namespaces = kind<Namespace>('v1', 'Namespace', 'namespaces', false);
export const nodes = kind<Node>('v1', 'Node', 'nodes', false);
export const pods = kind<Pod>('v1', 'Pod', 'pods');
export const services = kind<Service>('v1', 'Service', 'services');
export const serviceAccounts = kind<ServiceAccount>('v1', 'ServiceAccount', 'serviceaccounts');
export const secrets = kind<Secret>('v1', 'Secret', 'secrets');
export const resourceQuotas = kind<ResourceQuota>('v1', 'ResourceQuota', 'resourcequotas');
export const volumeClaims = kind<PersistentVolumeClaim>(
  'v1',
  'PersistentVolumeClaim',
  'persistentvolumeclaims',
);
export const events = kind<ClusterEvent>('v1', 'Event', 'events');
export const networkPolicies = kind<NetworkPolicy>(
  'networking.k8s.io/v1',
  'NetworkPolicy',
  'networkpolicies',
);
export const statefulSets = kind<StatefulSet>('apps/v1', 'StatefulSet', 'statefulsets');
export const deployments = kind<Deployment>('apps/v1', 'Deployment', 'deployments');
export const replicaSets = kind<ReplicaSet>('apps/v1', 'ReplicaSet', 'replicasets');
export const jobs = kind<Job>('batch/v1', 'Job', 'jobs');
export const leases = kind<Lease>('coordination.k8s.io/v1', 'Lease', 'leases');
