import { createCache, nameOf } from '../../platform/kubernetes/cache.js';
import { connectCluster } from '../../platform/kubernetes/cluster.client.js';
import { pods } from '../../platform/kubernetes/kinds.js';

/** Programs that end at the first signal: their pods are gone at once, where KWOK waits for up to half a minute. */
export function removeEndedPods(kubeconfig: string): AsyncDisposable {
  const cluster = connectCluster({ kubeconfig, fieldManager: 'kubelet' });
  const cache = createCache(cluster, pods);
  cache.onChange(() => {
    for (const { metadata } of cache.snapshot()?.objects.values() ?? [])
      if (metadata.deletionTimestamp !== undefined)
        // One that is gone already, or an API server that is away: the next change tries again.
        void cluster
          .delete(pods, nameOf({ metadata }), { gracePeriodSeconds: 0, uid: metadata.uid })
          .catch(() => undefined);
  });
  return {
    async [Symbol.asyncDispose]() {
      await cache[Symbol.asyncDispose]();
      await cluster[Symbol.asyncDispose]();
    },
  };
}
