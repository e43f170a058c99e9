import type { Cluster } from '../../../platform/kubernetes/cluster.port.js';
import { namespaces } from '../../../platform/kubernetes/kinds.js';
import type { Leader } from '../../../platform/kubernetes/leader.port.js';
import { pause } from '../../../platform/pause.js';
import type { ClusterObservation } from '../cluster/cluster.js';
import { clusterAnswers } from './cluster.metrics.js';
import { SYSTEM_NAMESPACE } from './systemNamespace.js';

export interface Connectivity extends AsyncDisposable {
  /** How it was when it was asked last; UNKNOWN before the first answer. */
  state(): 'UNKNOWN' | 'ANSWERS' | 'AWAY';
}

/**
 * Asks the cluster again and again whether it answers. After `awayAfterMs` without an answer it is recorded as OFFLINE, so
 * that nothing new is placed on it; the first answer makes it ONLINE again. Whoever leads cannot keep its lease without the
 * cluster, so it is told by the one who led when it was reached last, in that term: if others reach it, one of them leads.
 */
export function watchConnectivity(options: {
  cluster: Pick<Cluster, 'get'>;
  leader: Pick<Leader, 'token'>;
  record: (seen: ClusterObservation, term: number) => Promise<void>;
  onError: (error: unknown) => void;
  everyMs?: number;
  awayAfterMs?: number;
}): Connectivity {
  const { cluster, leader, record, onError, everyMs = 2_000, awayAfterMs = 15_000 } = options;
  const stop = new AbortController();
  let failure: { sinceMs: number; told: boolean } | null = null;
  let reached = false;
  /** The term in which we led when it was reached last; null if we did not. */
  let term: number | null = null;

  async function answered(): Promise<void> {
    const wasAway = failure?.told ?? false;
    failure = null;
    reached = true;
    term = leader.token() ?? (wasAway ? term : null);
    if (wasAway && term !== null)
      await record({ connectivity: 'ONLINE', reason: null, kubernetesVersion: null }, term);
  }

  async function failed(error: unknown): Promise<void> {
    failure ??= { sinceMs: performance.now(), told: false };
    if (failure.told || term === null || performance.now() - failure.sinceMs < awayAfterMs) return;
    const reason = error instanceof Error ? error.message : String(error);
    await record({ connectivity: 'OFFLINE', reason, kubernetesVersion: null }, term);
    failure.told = true;
  }

  async function run(): Promise<void> {
    // A cluster that is away may keep an answer waiting; whoever stops does not wait for it.
    const stopped = new Promise<null>((resolve) => {
      stop.signal.addEventListener('abort', () => resolve(null), { once: true });
    });
    while (!stop.signal.aborted) {
      const asked = cluster.get(namespaces, { name: SYSTEM_NAMESPACE }).then(
        () => null,
        (reason: unknown) => reason,
      );
      const error = await Promise.race([asked, stopped]);
      if (stop.signal.aborted) return;
      await (error === null ? answered() : failed(error)).catch(onError);
      await pause(everyMs, stop.signal);
    }
  }

  const running = run();
  const state = () => (failure ? 'AWAY' : reached ? 'ANSWERS' : 'UNKNOWN');
  const stopMeasuring = clusterAnswers.from(() =>
    state() === 'UNKNOWN' ? [] : [[{}, state() === 'ANSWERS' ? 1 : 0]],
  );
  return {
    state,
    async [Symbol.asyncDispose]() {
      stopMeasuring();
      stop.abort();
      await running;
    },
  };
}
