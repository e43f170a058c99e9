import { createCache } from '../../../platform/kubernetes/cache.js';
import type { Cluster } from '../../../platform/kubernetes/cluster.port.js';
import * as kinds from '../../../platform/kubernetes/kinds.js';
import type { Kind, KubeObject } from '../../../platform/kubernetes/kinds.js';
import type { Leader } from '../../../platform/kubernetes/leader.port.js';
import type { ClusterObservation } from '../cluster/cluster.js';
import { watchConnectivity } from './connectivity.js';
import type { DesiredState, Observe } from './desired.js';
import type { Mirror } from './ensure.js';
import { reconcileInstances } from './instance.reconciler.js';
import { type Loop, runLoop } from './loop.js';
import { LABELS, MANAGED_SELECTOR } from './names.js';
import { healthOf, observeNode } from './node.observation.js';
import { reconcileProjects } from './project.reconciler.js';
import { reconcileWorkloads } from './workload.reconciler.js';
import type { ObserveWorkload } from '../workload/workload.observer.js';
import type { ObservedNode } from '../../../contracts/resources.events.js';

export interface Reconcilers extends AsyncDisposable {
  /** Something that is desired has changed. */
  poke(): void;
}

/** Records a complete list of the cluster's GPU nodes. */
export type RecordNodes = (nodes: readonly ObservedNode[]) => Promise<void>;

/** When what another pass is left to is looked at again. */
const SOON_MS = 200;

/**
 * Drives one cluster towards what the read model says, and tells the read model what the cluster shows. Only the elected
 * leader acts. Level-triggered: every pass compares everything, so a missed change is found by the next resync.
 */
export function startReconcilers(options: {
  cluster: Cluster;
  leader: Leader;
  desired: DesiredState;
  observe: Observe;
  observeWorkload: ObserveWorkload;
  recordNodes: RecordNodes;
  recordCluster: (seen: ClusterObservation) => Promise<void>;
  /** Whether the logs of pods, by their uids, are kept to their ends. */
  logsAreKept: (podUids: readonly string[]) => Promise<boolean>;
  onError: (error: unknown) => void;
}): Reconcilers {
  const {
    cluster,
    leader,
    desired,
    observe,
    observeWorkload,
    recordNodes,
    recordCluster,
    logsAreKept,
    onError,
  } = options;
  const open: AsyncDisposable[] = [];
  const loops: Loop[] = [];
  const poke = () => {
    for (const loop of loops) loop.poke();
  };

  function mirror<T extends KubeObject>(kind: Kind<T>, labelSelector?: string): Mirror<T> {
    const cache = createCache(cluster, kind, labelSelector === undefined ? {} : { labelSelector }, {
      onError,
    });
    cache.onChange(poke);
    open.push(cache);
    return { cluster, kind, cache };
  }

  function loop(pass: () => Promise<void>): Loop {
    const running = runLoop({ onError, pass: async () => (leader.isLeader() ? pass() : undefined) });
    loops.push(running);
    return running;
  }

  const connectivity = watchConnectivity({ cluster, leader, record: recordCluster, onError });
  open.push(connectivity);
  const nodes = mirror(kinds.nodes);
  const projectMirrors = {
    namespaces: mirror(kinds.namespaces, MANAGED_SELECTOR),
    resourceQuotas: mirror(kinds.resourceQuotas, MANAGED_SELECTOR),
    networkPolicies: mirror(kinds.networkPolicies, MANAGED_SELECTOR),
  };
  const services = mirror(kinds.services, MANAGED_SELECTOR);
  const instanceMirrors = {
    statefulSets: mirror(kinds.statefulSets, MANAGED_SELECTOR),
    services,
    volumeClaims: mirror(kinds.volumeClaims, LABELS.instance),
    pods: mirror(kinds.pods, LABELS.instance),
  };
  const workloadMirrors = {
    jobs: mirror(kinds.jobs, MANAGED_SELECTOR),
    deployments: mirror(kinds.deployments, MANAGED_SELECTOR),
    services,
    pods: mirror(kinds.pods, LABELS.workload),
  };

  loop(async () => {
    const seen = connectivity.state() === 'AWAY' ? null : nodes.cache.snapshot();
    if (seen) await recordNodes([...seen.objects.values()].map(observeNode).filter((node) => node !== null));
  });
  loop(async () => reconcileProjects(await desired.projects(), projectMirrors));
  loop(() => reconcileInstances(desired, instanceMirrors, observe));
  const workloadLoop = loop(async () => {
    const seen = nodes.cache.snapshot();
    if (!seen) return;
    const healthOfNodes = (names: readonly string[]) => healthOf(seen.objects, names);
    const pass = { desired, mirrors: workloadMirrors, healthOfNodes, observe: observeWorkload, logsAreKept };
    if (await reconcileWorkloads(pass)) setTimeout(() => workloadLoop.poke(), SOON_MS).unref();
  });
  const stopListening = leader.onChange(poke);

  return {
    poke,
    async [Symbol.asyncDispose]() {
      stopListening();
      for (const part of [...loops, ...open]) await part[Symbol.asyncDispose]();
    },
  };
}
