import { createPodControl, isFinished, isReady } from './podControl.js';
import { controllerRef } from './owners.js';
import { replicaSets } from '../resources.js';
import type { Controller } from './loop.js';
import type { RecordEvent } from './eventRecorder.js';
import type { Draft, Registry } from '../api/registry.js';
import type { Pod, ReplicaSet } from '../../../platform/kubernetes/kinds.js';

const manager = 'replicaset-controller';

/** Keeps so many equal pods. Deletes those first that do the least. */
export function createReplicaSetController(registry: Registry, record: RecordEvent): Controller {
  const podControl = createPodControl(registry, record, manager);

  const livingPods = (set: ReplicaSet) =>
    podControl.of(set).filter((pod) => !isFinished(pod) && !pod.metadata.deletionTimestamp);

  const reconcileSet = (set: ReplicaSet) => {
    const living = livingPods(set);
    const wanted = set.spec?.replicas ?? 1;
    for (let count = living.length; count < wanted; count += 1) {
      if (!podControl.create(set, podOf(set))) break;
    }
    for (const pod of living.sort(leastUseful).slice(0, Math.max(living.length - wanted, 0)))
      podControl.delete(set, pod);
  };

  const writeStatus = (set: ReplicaSet) => {
    const living = livingPods(set);
    const ready = living.filter(isReady).length;
    const status = {
      observedGeneration: set.metadata.generation ?? 0,
      replicas: living.length,
      fullyLabeledReplicas: living.length,
      readyReplicas: ready,
      availableReplicas: ready,
    };
    registry.setStatus(replicaSets, set, status, manager);
  };

  return {
    name: manager,
    reconcile() {
      for (const set of registry.list(replicaSets)) {
        if (!set.metadata.deletionTimestamp) reconcileSet(set);
        writeStatus(set);
      }
      return podControl.nextRetryMs();
    },
  };
}

/** Not placed before not ready before ready, the youngest first. */
function leastUseful(a: Pod, b: Pod): number {
  const use = (pod: Pod) => Number(pod.spec?.nodeName !== undefined) + Number(isReady(pod));
  return (
    use(a) - use(b) || ((a.metadata.creationTimestamp ?? '') > (b.metadata.creationTimestamp ?? '') ? -1 : 1)
  );
}

function podOf(set: ReplicaSet): Draft {
  const { namespace, name } = set.metadata;
  const { metadata, spec } = set.spec?.template ?? {};
  return {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: {
      ...metadata,
      generateName: `${name}-`,
      ...(namespace !== undefined && { namespace }),
      ownerReferences: [controllerRef(set)],
    },
    spec,
  } as Draft;
}
