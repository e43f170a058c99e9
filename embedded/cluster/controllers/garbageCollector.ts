import { FOREGROUND, ORPHAN } from '../api/deletion.js';
import { nodes, pods, resourceOfKind, resources } from '../resources.js';
import type { Controller } from './loop.js';
import type { Registry } from '../api/registry.js';
import type { Resource } from '../resources.js';
import type { KubeObject } from '../../../platform/kubernetes/kinds.js';

const manager = 'generic-garbage-collector';

type Held = { resource: Resource; object: KubeObject };

/** Deletes what outlived all its owners, and ends foreground and orphan deletions. */
export function createGarbageCollector(registry: Registry): Controller {
  const all = (): Held[] =>
    resources.flatMap((resource) => registry.list(resource).map((object) => ({ resource, object })));

  const isThere = (namespace: string | undefined, { apiVersion, kind, name, uid }: OwnerReference) => {
    const resource = resourceOfKind(apiVersion, kind);
    // An owner of a kind that is not served here is taken for alive.
    if (!resource) return true;
    return registry.find(resource, resource.namespaced ? namespace : undefined, name)?.metadata.uid === uid;
  };

  const collectOrphans = () => {
    for (const { resource, object } of all()) {
      const { ownerReferences = [], namespace, deletionTimestamp } = object.metadata;
      const isOrphan =
        ownerReferences.length > 0 && !ownerReferences.some((owner) => isThere(namespace, owner));
      if (isOrphan && !deletionTimestamp) registry.delete(resource, object);
    }
  };

  const finishDeletions = () => {
    for (const { resource, object } of all()) {
      const { deletionTimestamp, finalizers = [], uid } = object.metadata;
      if (!deletionTimestamp || !finalizers.some((name) => name === FOREGROUND || name === ORPHAN)) continue;
      const dependents = all().filter((held) => ownersOf(held.object).some((owner) => owner.uid === uid));
      if (finalizers.includes(ORPHAN)) {
        for (const held of dependents)
          setOwners(
            held,
            ownersOf(held.object).filter((owner) => owner.uid !== uid),
          );
        removeFinalizer({ resource, object }, ORPHAN);
      } else if (dependents.length === 0) removeFinalizer({ resource, object }, FOREGROUND);
      else {
        for (const held of dependents.filter(({ object: { metadata } }) => !metadata.deletionTimestamp)) {
          registry.delete(held.resource, held.object, { propagationPolicy: 'Foreground' });
        }
      }
    }
  };

  const setOwners = ({ resource, object }: Held, ownerReferences: OwnerReference[]) =>
    registry.update(resource, { ...object, metadata: { ...object.metadata, ownerReferences } }, { manager });

  const removeFinalizer = ({ resource, object }: Held, name: string) => {
    const finalizers = (object.metadata.finalizers ?? []).filter((each) => each !== name);
    registry.update(resource, { ...object, metadata: { ...object.metadata, finalizers } }, { manager });
  };

  /** Pods of a node that is gone end without its kubelet. */
  const collectLostPods = () => {
    for (const pod of registry.list(pods)) {
      const nodeName = pod.spec?.nodeName;
      if (nodeName && !registry.find(nodes, undefined, nodeName))
        registry.delete(pods, pod, { gracePeriodSeconds: 0 });
    }
  };

  return {
    name: manager,
    reconcile() {
      collectOrphans();
      finishDeletions();
      collectLostPods();
      return null;
    },
  };
}

type OwnerReference = NonNullable<KubeObject['metadata']['ownerReferences']>[number];

const ownersOf = ({ metadata }: KubeObject) => metadata.ownerReferences ?? [];
