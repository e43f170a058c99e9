import { createPodControl, isFinished, isReady } from './podControl.js';
import { controllerRef } from './owners.js';
import { templateHash } from './templateHash.js';
import { statefulSets, volumeClaims } from '../resources.js';
import type { Controller } from './loop.js';
import type { RecordEvent } from './eventRecorder.js';
import type { Draft, Registry } from '../api/registry.js';
import type { Pod, StatefulSet } from '../../../platform/kubernetes/kinds.js';

const manager = 'statefulset-controller';

/** Keeps pods `name-0 … name-(n-1)`, each with its own volumes, which stay when the pod goes. */
export function createStatefulSetController(registry: Registry, record: RecordEvent): Controller {
  const podControl = createPodControl(
    registry,
    record,
    manager,
    (set, pod, why) =>
      `create Pod ${pod.metadata.name} in StatefulSet ${set.metadata.name} failed error: ${why}`,
  );

  const reconcileSet = (set: StatefulSet) => {
    const owned = new Map(podControl.of(set).map((pod) => [ordinalOf(set, pod), pod]));
    const replicas = set.spec?.replicas ?? 1;
    const isParallel = set.spec?.podManagementPolicy === 'Parallel';
    for (let ordinal = 0; ordinal < replicas; ordinal += 1) {
      const pod = owned.get(ordinal);
      if (pod && isFinished(pod)) podControl.delete(set, pod);
      if (!pod) {
        for (const claim of claimsOf(set, ordinal)) {
          const { namespace, name = '' } = claim.metadata;
          if (!registry.find(volumeClaims, namespace, name))
            registry.create(volumeClaims, claim, { manager });
        }
        podControl.create(set, podOf(set, ordinal));
      }
      // The next waits until this one is up.
      if (!isParallel && !(pod && isReady(pod) && !pod.metadata.deletionTimestamp)) break;
    }
    shrinkOrUpdate(set, owned, replicas, isParallel);
  };

  /** From the highest ordinal down, and one at a time unless the set is parallel. */
  const shrinkOrUpdate = (
    set: StatefulSet,
    owned: Map<number, Pod>,
    replicas: number,
    isParallel: boolean,
  ) => {
    const surplus = [...owned.keys()].filter((ordinal) => ordinal >= replicas).sort((a, b) => b - a);
    const isLeaving = [...owned.values()].some(({ metadata }) => metadata.deletionTimestamp);
    for (const ordinal of isParallel ? surplus : surplus.slice(0, isLeaving ? 0 : 1)) {
      const pod = owned.get(ordinal);
      if (pod) podControl.delete(set, pod);
    }
    const allReady = owned.size === replicas && [...owned.values()].every(isReady);
    if (surplus.length > 0 || isLeaving || set.spec?.updateStrategy?.type === 'OnDelete') return;
    const outdated = [...owned]
      .filter(([, pod]) => revisionOf(pod) !== revision(set))
      .sort(([a], [b]) => b - a)[0]?.[1];
    if (outdated && (allReady || !isReady(outdated))) podControl.delete(set, outdated);
  };

  const writeStatus = (set: StatefulSet) => {
    const owned = podControl.of(set).filter((pod) => !isFinished(pod));
    const ready = owned.filter((pod) => isReady(pod) && !pod.metadata.deletionTimestamp).length;
    const updated = owned.filter((pod) => revisionOf(pod) === revision(set)).length;
    const currentRevision =
      updated === owned.length ? revision(set) : (set.status?.currentRevision ?? revision(set));
    const status = {
      observedGeneration: set.metadata.generation ?? 0,
      replicas: owned.length,
      readyReplicas: ready,
      availableReplicas: ready,
      currentReplicas: owned.filter((pod) => revisionOf(pod) === currentRevision).length,
      updatedReplicas: updated,
      currentRevision,
      updateRevision: revision(set),
      collisionCount: 0,
    };
    registry.setStatus(statefulSets, set, status, manager);
  };

  return {
    name: manager,
    reconcile() {
      for (const set of registry.list(statefulSets)) {
        if (!set.metadata.deletionTimestamp) reconcileSet(set);
        writeStatus(set);
      }
      return podControl.nextRetryMs();
    },
  };
}

const ordinalOf = (set: StatefulSet, pod: Pod) =>
  Number(pod.metadata.name.slice(set.metadata.name.length + 1));

const REVISION = 'controller-revision-hash';
const revisionOf = (pod: Pod) => pod.metadata.labels?.[REVISION];
const revision = ({ metadata, spec }: StatefulSet) => `${metadata.name}-${templateHash(spec?.template)}`;

function podOf(set: StatefulSet, ordinal: number): Draft {
  const { namespace } = set.metadata;
  const name = `${set.metadata.name}-${ordinal}`;
  const { metadata, spec } = set.spec?.template ?? {};
  const claims = (set.spec?.volumeClaimTemplates ?? []).map(({ metadata: claim }) => ({
    name: claim?.name,
    persistentVolumeClaim: { claimName: `${claim?.name}-${name}` },
  }));
  const others = (spec?.volumes ?? []).filter(
    (volume) => !claims.some((claim) => claim.name === volume.name),
  );
  return {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: {
      ...metadata,
      name,
      ...(namespace !== undefined && { namespace }),
      labels: {
        ...metadata?.labels,
        [REVISION]: revision(set),
        'statefulset.kubernetes.io/pod-name': name,
        'apps.kubernetes.io/pod-index': String(ordinal),
      },
      ownerReferences: [controllerRef(set)],
    },
    spec: {
      ...spec,
      hostname: name,
      ...(set.spec?.serviceName !== undefined && { subdomain: set.spec.serviceName }),
      ...((claims.length > 0 || spec?.volumes) && { volumes: [...others, ...claims] }),
    },
  } as Draft;
}

function claimsOf(set: StatefulSet, ordinal: number): Draft[] {
  const { namespace, name } = set.metadata;
  return (set.spec?.volumeClaimTemplates ?? []).map(({ metadata, spec }) => ({
    apiVersion: 'v1',
    kind: 'PersistentVolumeClaim',
    metadata: {
      ...metadata,
      name: `${metadata?.name}-${name}-${ordinal}`,
      ...(namespace !== undefined && { namespace }),
      labels: { ...metadata?.labels, ...set.spec?.selector.matchLabels },
    },
    spec,
  })) as Draft[];
}
