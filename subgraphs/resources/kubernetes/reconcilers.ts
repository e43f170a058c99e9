import { createCache } from '../../../platform/kubernetes/cache.js';
import type { Cluster } from '../../../platform/kubernetes/cluster.port.js';
import * as kinds from '../../../platform/kubernetes/kinds.js';
import type { Kind, KubeObject } from '../../../platform/kubernetes/kinds.js';
import type { Leader } from '../../../platform/kubernetes/leader.port.js';
import { currentTerm, type Term } from '../../../platform/kubernetes/term.js';
import { watchConnectivity } from './connectivity.js';
import type { DesiredState } from './desired.js';
import { createDrift, type Restored } from './drift.js';
import type { Mirror } from './ensure.js';
import { reconcileInstances } from './instance.reconciler.js';
import { type Loop, runLoop } from './loop.js';
import { LABELS, MANAGED_SELECTOR } from './names.js';
import { gpuResourceOn } from './node.devices.js';
import { healthOf, observeNode } from './node.observation.js';
import { reconcileProjects } from './project.reconciler.js';
import { beginOnce, type Reports, type ReportsOf } from './reports.js';
import { reconcileWorkloads } from './workload.reconciler.js';

export interface Reconcilers extends AsyncDisposable {
  /** Something that is desired has changed. */
  poke(): void;
}

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
  reportsOf: ReportsOf;
  /** Whether the logs of pods, by their uids, are kept to their ends. */
  logsAreKept: (podUids: readonly string[]) => Promise<boolean>;
  onError: (error: unknown) => void;
}): Reconcilers {
  const { cluster, leader, desired, reportsOf, logsAreKept, onError } = options;
  const open: AsyncDisposable[] = [];
  const loops: Loop[] = [];
  const reportsIn = beginOnce(reportsOf);
  const poke = () => {
    for (const loop of loops) loop.poke();
  };

  async function tellRestored(object: Restored): Promise<void> {
    const term = currentTerm(leader);
    if (term) await (await reportsIn(term.token)).restored(object);
  }

  function mirror<T extends KubeObject>(kind: Kind<T>, labelSelector?: string): Mirror<T> {
    const cache = createCache(cluster, kind, labelSelector === undefined ? {} : { labelSelector }, {
      onError,
    });
    cache.onChange(poke);
    open.push(cache);
    return { cluster, kind, cache, drift: createDrift(tellRestored) };
  }

  /** A pass belongs to the term in which it begins. */
  function loop(pass: (term: Term, reports: Reports) => Promise<void>): Loop {
    const running = runLoop({
      onError,
      pass: async () => {
        const term = currentTerm(leader);
        if (term) await pass(term, await reportsIn(term.token));
      },
    });
    loops.push(running);
    return running;
  }

  const connectivity = watchConnectivity({
    cluster,
    leader,
    record: (seen, term) => reportsOf(term).recordCluster(seen),
    onError,
  });
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

  loop(async (_term, { recordNodes }) => {
    const seen = connectivity.state() === 'AWAY' ? null : nodes.cache.snapshot();
    if (seen) await recordNodes([...seen.objects.values()].map(observeNode).filter((node) => node !== null));
  });
  loop(async (term) => reconcileProjects(await desired.projects(), projectMirrors, term));
  loop(async (term, { observe }) => {
    const seen = nodes.cache.snapshot();
    if (!seen) return;
    const gpuResource = gpuResourceOn(seen.objects);
    await reconcileInstances({ desired, mirrors: instanceMirrors, observe, gpuResource }, term);
  });
  const workloadLoop = loop(async (term, { observeWorkload: observe }) => {
    const seen = nodes.cache.snapshot();
    if (!seen) return;
    const healthOfNodes = (names: readonly string[]) => healthOf(seen.objects, names);
    const gpuResource = gpuResourceOn(seen.objects);
    const about = { healthOfNodes, gpuResource, logsAreKept, term };
    if (await reconcileWorkloads({ desired, mirrors: workloadMirrors, observe, ...about }))
      setTimeout(() => workloadLoop.poke(), SOON_MS).unref();
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
