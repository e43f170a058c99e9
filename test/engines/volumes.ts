import { createCache } from '../../platform/kubernetes/cache.js';
import { connectCluster } from '../../platform/kubernetes/cluster.client.js';
import { volumeClaims } from '../../platform/kubernetes/kinds.js';
import type { Kind, KubeObject, PersistentVolumeClaim } from '../../platform/kubernetes/kinds.js';

const volumes: Kind<KubeObject & { spec: object }> = {
  apiVersion: 'v1',
  kind: 'PersistentVolume',
  plural: 'persistentvolumes',
  namespaced: false,
};

/** Gives every claim a volume of the size that it asks for: the bare control plane has no provisioner. */
export function provisionVolumes(kubeconfig: string): AsyncDisposable {
  const cluster = connectCluster({ kubeconfig, fieldManager: 'test-provisioner' });
  const cache = createCache(cluster, volumeClaims);
  const done = new Set<string>();
  const provision = async (claim: PersistentVolumeClaim) => {
    const { name, namespace, uid } = claim.metadata;
    const { accessModes, resources, storageClassName = '' } = claim.spec ?? {};
    await cluster.apply(volumes, {
      metadata: { name: `pvc-${uid}` },
      spec: {
        accessModes,
        capacity: { storage: resources?.requests?.['storage'] },
        storageClassName,
        hostPath: { path: `/volumes/${uid}` },
        claimRef: { apiVersion: 'v1', kind: 'PersistentVolumeClaim', name, namespace, uid },
      },
    });
  };
  cache.onChange(() => {
    for (const claim of cache.snapshot()?.objects.values() ?? []) {
      const { uid } = claim.metadata;
      if (claim.status?.phase !== 'Pending' || done.has(uid)) continue;
      done.add(uid);
      provision(claim).catch(() => done.delete(uid));
    }
  });
  return {
    async [Symbol.asyncDispose]() {
      await cluster[Symbol.asyncDispose]();
      await cache[Symbol.asyncDispose]();
    },
  };
}
