import { hostname } from 'node:os';
import { buildWith } from '../../platform/disposables.js';
import { connectCluster } from '../../platform/kubernetes/cluster.client.js';
import { electLeader } from '../../platform/kubernetes/leader.js';
import type { Resources } from './app.js';
import { reconcilerLeads } from './kubernetes/cluster.metrics.js';
import { ensureSystemNamespace, SYSTEM_NAMESPACE } from './kubernetes/systemNamespace.js';
import { traceCluster } from './kubernetes/tracedCluster.js';

/**
 * Connects to the cluster, competes with other replicas for its lead, and runs the reconcilers. `kubeconfig` is its text;
 * null stands for what the pod's account or the user's own configuration says.
 */
export const leadCluster = (
  resources: Pick<Resources, 'drive' | 'spine'>,
  { kubeconfig, onError }: { kubeconfig: string | null; onError: (error: unknown) => void },
): Promise<AsyncDisposable> =>
  buildWith(async ({ use }) => {
    const connected = connectCluster({
      ...(kubeconfig !== null && { kubeconfig }),
      fieldManager: 'fleetgraph',
    });
    const cluster = use(traceCluster(connected, { tails: resources.spine.tails, onError }));
    await ensureSystemNamespace(cluster);
    const identity = `${hostname()}-${process.pid}`;
    const leader = use(
      electLeader(cluster, { namespace: SYSTEM_NAMESPACE, name: 'reconcilers', identity, onError }),
    );
    const stopMeasuring = reconcilerLeads.from(() => [[{}, leader.isLeader() ? 1 : 0]]);
    use({ [Symbol.asyncDispose]: async () => stopMeasuring() });
    return use(await resources.drive({ cluster, leader, onError }));
  });
