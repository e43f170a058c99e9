import { keyOf } from '../../../platform/kubernetes/cache.js';
import type { Intent } from '../../../platform/kubernetes/cluster.port.js';
import {
  deployments,
  jobs,
  type Kind,
  type KubeObject,
  namespaces,
  networkPolicies,
  pods,
  resourceQuotas,
  services,
  statefulSets,
} from '../../../platform/kubernetes/kinds.js';
import { covers } from '../../../subgraphs/resources/kubernetes/covers.js';
import { servicesOf, statefulSetOf } from '../../../subgraphs/resources/kubernetes/instance.manifests.js';
import { gpuResourceOn } from '../../../subgraphs/resources/kubernetes/node.devices.js';
import { LABELS, MANAGED_SELECTOR } from '../../../subgraphs/resources/kubernetes/names.js';
import {
  namespaceOf,
  networkPolicyOf,
  quotaOf,
} from '../../../subgraphs/resources/kubernetes/project.manifests.js';
import { SYSTEM_NAMESPACE } from '../../../subgraphs/resources/kubernetes/systemNamespace.js';
import {
  deploymentsOf,
  jobOf,
  podsOf,
  serviceOf,
} from '../../../subgraphs/resources/kubernetes/workload.manifests.js';
import type { FaultWorld } from './faultWorld.js';

/**
 * In what the cluster and the read model differ, object by object and pod by pod: nothing is missing, nothing is other
 * than it should be, nothing is there twice or has no owner.
 */
export async function contradictions(world: FaultWorld): Promise<string[]> {
  const wanted = await wantedObjects(world);
  const found = await Promise.all(wanted.map(([kind, intents]) => compare(world, kind, intents)));
  return [...found.flat(), ...(await comparePods(world))];
}

/** The fleet of these tests has whole devices only. */
const gpuResource = gpuResourceOn(new Map());

type Wanted = readonly [Kind, readonly Intent<KubeObject>[]];

async function wantedObjects({ app: { desired } }: FaultWorld): Promise<Wanted[]> {
  const projects = await desired.projects();
  const instances = (await desired.instances()).filter(({ presence }) => presence !== 'GONE');
  const workloads = (await desired.workloads()).filter(({ presence }) => presence === 'RUNNING');
  const served = workloads.flatMap((each) => (each.kind === 'DEPLOYMENT' ? [each] : []));
  return [
    [namespaces, projects.map(namespaceOf)],
    [resourceQuotas, projects.map(quotaOf)],
    [networkPolicies, projects.map(networkPolicyOf)],
    [statefulSets, instances.map((instance) => statefulSetOf(instance, gpuResource))],
    [services, [...instances.flatMap(servicesOf), ...served.map(serviceOf)]],
    [deployments, served.flatMap((each) => deploymentsOf(each, gpuResource))],
    [jobs, workloads.flatMap((each) => (each.kind === 'JOB' ? [jobOf(each, gpuResource)] : []))],
  ];
}

async function compare(
  { cluster }: FaultWorld,
  kind: Kind,
  intents: readonly Intent<KubeObject>[],
): Promise<string[]> {
  const { items } = await cluster.list(kind, { labelSelector: MANAGED_SELECTOR });
  const held = new Map(
    items.filter(({ metadata }) => metadata.name !== SYSTEM_NAMESPACE).map((item) => [keyOf(item), item]),
  );
  const faults: string[] = [];
  for (const intent of intents) {
    const key = keyOf(intent);
    const object = held.get(key);
    if (!object) faults.push(`${kind.kind} ${key} is missing`);
    else if (!covers(object, intent)) faults.push(`${kind.kind} ${key} is not as it should be`);
    held.delete(key);
  }
  return [...faults, ...[...held.keys()].map((key) => `${kind.kind} ${key} belongs to nothing`)];
}

async function comparePods({ app: { desired }, cluster }: FaultWorld): Promise<string[]> {
  const wanted = new Map<string, number>();
  for (const { id, presence } of await desired.instances()) wanted.set(id, presence === 'RUNNING' ? 1 : 0);
  for (const workload of await desired.workloads())
    wanted.set(workload.id, workload.presence === 'RUNNING' ? podsOf(workload) : 0);
  const held = new Map<string, number>();
  for (const label of [LABELS.instance, LABELS.workload])
    for (const { metadata } of (await cluster.list(pods, { labelSelector: label })).items) {
      const owner = metadata.labels?.[label] ?? '';
      held.set(owner, (held.get(owner) ?? 0) + 1);
    }
  return [...new Set([...wanted.keys(), ...held.keys()])]
    .filter((owner) => (wanted.get(owner) ?? 0) !== (held.get(owner) ?? 0))
    .map((owner) => `${owner} has ${held.get(owner) ?? 0} pods, not ${wanted.get(owner) ?? 0}`);
}
