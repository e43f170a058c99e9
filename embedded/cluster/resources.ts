import * as kinds from '../../platform/kubernetes/kinds.js';
import type { KubeObject, Kind } from '../../platform/kubernetes/kinds.js';

/** A kind of object that this cluster serves. */
export type Resource<T extends KubeObject = KubeObject> = Kind<T> & {
  shortNames: readonly string[];
  /** Whether `…/status` is written apart from the rest. */
  hasStatus: boolean;
};

const resource = <T extends KubeObject>(
  kind: Kind<T>,
  hasStatus: boolean,
  ...shortNames: string[]
): Resource<T> => ({
  ...kind,
  hasStatus,
  shortNames,
});

export const namespaces = resource(kinds.namespaces, true, 'ns');
export const nodes = resource(kinds.nodes, true, 'no');
export const pods = resource(kinds.pods, true, 'po');
export const services = resource(kinds.services, true, 'svc');
export const serviceAccounts = resource(kinds.serviceAccounts, false, 'sa');
export const secrets = resource(kinds.secrets, false);
export const resourceQuotas = resource(kinds.resourceQuotas, true, 'quota');
export const volumeClaims = resource(kinds.volumeClaims, true, 'pvc');
export const events = resource(kinds.events, false, 'ev');
export const networkPolicies = resource(kinds.networkPolicies, false, 'netpol');
export const statefulSets = resource(kinds.statefulSets, true, 'sts');
export const deployments = resource(kinds.deployments, true, 'deploy');
export const replicaSets = resource(kinds.replicaSets, true, 'rs');
export const jobs = resource(kinds.jobs, true);
export const leases = resource(kinds.leases, false);

export const resources: readonly Resource[] = [
  namespaces,
  nodes,
  pods,
  services,
  serviceAccounts,
  secrets,
  resourceQuotas,
  volumeClaims,
  events,
  networkPolicies,
  statefulSets,
  deployments,
  replicaSets,
  jobs,
  leases,
];

export const findResource = (apiVersion: string, plural: string) =>
  resources.find((each) => each.apiVersion === apiVersion && each.plural === plural);

export const resourceOfKind = (apiVersion: string, kind: string) =>
  resources.find((each) => each.apiVersion === apiVersion && each.kind === kind);

/** `apps` of `apps/v1`; the core group has no name. */
export const groupOf = ({ apiVersion }: Pick<Kind, 'apiVersion'>) =>
  apiVersion.includes('/') ? apiVersion.slice(0, apiVersion.indexOf('/')) : '';

/** `statefulsets.apps`, as Kubernetes names a resource in its messages. */
export const qualifiedName = (kind: Kind) =>
  groupOf(kind) ? `${kind.plural}.${groupOf(kind)}` : kind.plural;
