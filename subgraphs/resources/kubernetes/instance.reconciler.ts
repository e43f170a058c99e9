import type { PersistentVolumeClaim, Pod, Service, StatefulSet } from '../../../platform/kubernetes/kinds.js';
import type { Term } from '../../../platform/kubernetes/term.js';
import type { DesiredInstance, DesiredState, Observe } from './desired.js';
import { eachAlone } from './eachAlone.js';
import { ensure, type Mirror, remove } from './ensure.js';
import { servicesOf, statefulSetOf } from './instance.manifests.js';
import { LABELS, objectName, podName, serviceUrl } from './names.js';
import type { GpuResource } from './node.devices.js';
import { observationsOf } from './pod.observation.js';

export type InstanceMirrors = {
  statefulSets: Mirror<StatefulSet>;
  services: Mirror<Service>;
  volumeClaims: Mirror<PersistentVolumeClaim>;
  pods: Mirror<Pod>;
};

export type InstancePass = {
  desired: Pick<DesiredState, 'instances' | 'ended'>;
  mirrors: InstanceMirrors;
  observe: Observe;
  gpuResource: GpuResource;
};

/**
 * One pass: makes the cluster hold what each instance needs, deletes what is left of those that ended, and tells what it
 * saw of each pod. It does nothing as long as any copy is incomplete or older than our own last write.
 */
export async function reconcileInstances(
  { desired, mirrors, observe, gpuResource }: InstancePass,
  term: Term,
): Promise<void> {
  const seen = snapshotsOf(mirrors);
  if (!seen) return;
  const instances = await desired.instances();
  const steps = [
    () => eachAlone(instances, (instance) => realise(instance, { mirrors, seen, term, gpuResource })),
    () => removeLeftovers(instances, desired, mirrors, seen),
    () => eachAlone(instances, (instance) => tell(instance, seen, observe)),
  ];
  await eachAlone(steps, (step) => step());
}

type Seen = {
  statefulSets: ReadonlyMap<string, StatefulSet>;
  services: ReadonlyMap<string, Service>;
  volumeClaims: ReadonlyMap<string, PersistentVolumeClaim>;
  pods: ReadonlyMap<string, Pod>;
};

function snapshotsOf({ statefulSets, services, volumeClaims, pods }: InstanceMirrors): Seen | null {
  const sets = statefulSets.cache.snapshot();
  const served = services.cache.snapshot();
  const claims = volumeClaims.cache.snapshot();
  const running = pods.cache.snapshot();
  if (!sets || !served || !claims || !running) return null;
  return {
    statefulSets: sets.objects,
    services: served.objects,
    volumeClaims: claims.objects,
    pods: running.objects,
  };
}

async function realise(
  instance: DesiredInstance,
  {
    mirrors,
    seen,
    term,
    gpuResource,
  }: Pick<InstancePass, 'mirrors' | 'gpuResource'> & { seen: Seen; term: Term },
): Promise<void> {
  if (instance.presence === 'GONE') return;
  await ensure(mirrors.statefulSets, seen.statefulSets, statefulSetOf(instance, gpuResource), term);
  for (const service of servicesOf(instance)) await ensure(mirrors.services, seen.services, service, term);
}

/** Deletes the objects of ended instances. What no read model knows is left alone: it may be another installation's. */
async function removeLeftovers(
  instances: readonly DesiredInstance[],
  desired: InstancePass['desired'],
  mirrors: InstanceMirrors,
  seen: Seen,
): Promise<void> {
  const gone = new Set(instances.filter(({ presence }) => presence === 'GONE').map(({ id }) => id));
  const known = new Set(instances.map(({ id }) => id));
  const held = [...seen.statefulSets.values(), ...seen.services.values(), ...seen.volumeClaims.values()].map(
    ownerOf,
  );
  const strangers = [...new Set(held)].filter((id) => id !== null && !known.has(id)) as string[];
  if (strangers.length > 0) for (const id of await desired.ended(strangers)) gone.add(id);
  const isGone = (object: Labelled) => gone.has(ownerOf(object) ?? '');
  for (const set of [...seen.statefulSets.values()].filter(isGone)) await remove(mirrors.statefulSets, set);
  for (const service of [...seen.services.values()].filter(isGone)) await remove(mirrors.services, service);
  for (const claim of [...seen.volumeClaims.values()].filter(isGone))
    await remove(mirrors.volumeClaims, claim);
}

async function tell(instance: DesiredInstance, seen: Seen, observe: Observe): Promise<void> {
  const { id, projectKey, spec } = instance;
  const pod = seen.pods.get(`${projectKey}/${podName(id)}`);
  if (pod) {
    const endpoints = spec.ports.map((port) => ({ name: port.name, url: serviceUrl(projectKey, id, port) }));
    return observe(id, observationsOf(pod, endpoints));
  }
  if (holdsNoPod(instance, seen.statefulSets.get(`${projectKey}/${objectName(id)}`)))
    await observe(id, [{ type: 'podGone' }]);
}

/** Not to see a pod is not enough: its set must say that there is none, and that none will come. */
function holdsNoPod({ presence }: DesiredInstance, set: StatefulSet | undefined): boolean {
  if (!set) return presence !== 'RUNNING';
  const { metadata, spec, status } = set;
  const upToDate = (status?.observedGeneration ?? 0) >= (metadata.generation ?? 0);
  return presence === 'RUNNING' || (spec?.replicas === 0 && upToDate && (status?.replicas ?? 0) === 0);
}

type Labelled = { metadata: { labels?: Record<string, string> } };

const ownerOf = ({ metadata }: Labelled): string | null => metadata.labels?.[LABELS.instance] ?? null;
