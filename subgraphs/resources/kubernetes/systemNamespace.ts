import type { Cluster } from '../../../platform/kubernetes/cluster.port.js';
import { namespaces } from '../../../platform/kubernetes/kinds.js';

/** Where Fleetgraph keeps what is its own in a cluster: the lease of its leader. */
export const SYSTEM_NAMESPACE = 'fleetgraph-system';

export async function ensureSystemNamespace(cluster: Cluster): Promise<void> {
  await cluster.apply(namespaces, {
    metadata: { name: SYSTEM_NAMESPACE, labels: { 'app.kubernetes.io/managed-by': 'fleetgraph' } },
  });
}
