import type { ClusterConnectivity, ClusterEvent } from '../../../contracts/resources.events.js';
import type { Recorded } from '../../../platform/eventStore/event.js';

/** A Kubernetes cluster that Fleetgraph drives. */
export type ClusterState = {
  name: string;
  /** What runs it, for example `embedded` or `kubernetes`. */
  provider: string;
  region: string | null;
  kubernetesVersion: string | null;
  connectivity: ClusterConnectivity;
  connectivityReason: string | null;
  /** The term of its leader; 0 as long as nobody led it. */
  leaderTerm: number;
  observedAt: string;
};

export type ClusterRegistration = { id: string; name: string; provider: string; region: string | null };
export type ClusterObservation = {
  connectivity: ClusterConnectivity;
  reason: string | null;
  /** Null when it could not be asked. */
  kubernetesVersion: string | null;
};

/** A cluster is registered once; the same again changes nothing. */
export const decideRegister = (
  registration: ClusterRegistration,
  state: ClusterState | null,
): ClusterEvent[] => (state ? [] : [{ type: 'ClusterRegistered', data: registration }]);

/** The same term again makes no event; an older one is refused. */
export const decideLead = (state: ClusterState, term: number): ClusterEvent[] => {
  refuseOlderTerm(state, term);
  return term === state.leaderTerm ? [] : [{ type: 'ClusterLeaderChanged', data: { term } }];
};

/** The fence of the database: whoever led before the leader of now says nothing more. */
export function refuseOlderTerm({ leaderTerm }: ClusterState, term: number): void {
  if (term < leaderTerm) throw new OlderTermError(term, leaderTerm);
}

export class OlderTermError extends Error {
  override readonly name = 'OlderTermError';

  constructor(term: number, leaderTerm: number) {
    super(`What was seen in term ${term} comes too late: the cluster is led in term ${leaderTerm}`);
  }
}

export function decideObserveCluster(state: ClusterState, seen: ClusterObservation): ClusterEvent[] {
  const { connectivity, reason, kubernetesVersion } = seen;
  const events: ClusterEvent[] = [];
  if (connectivity !== state.connectivity)
    events.push({ type: 'ClusterConnectivityChanged', data: { connectivity, reason } });
  if (kubernetesVersion !== null && kubernetesVersion !== state.kubernetesVersion)
    events.push({ type: 'ClusterVersionChanged', data: { kubernetesVersion } });
  return events;
}

export function evolveCluster(before: ClusterState | null, event: Recorded<ClusterEvent>): ClusterState {
  const observedAt = event.occurredAt;
  if (event.type === 'ClusterRegistered') {
    const { name, provider, region } = event.data;
    const unseen = { kubernetesVersion: null, connectivity: 'OFFLINE', connectivityReason: null } as const;
    return { name, provider, region, ...unseen, leaderTerm: 0, observedAt };
  }
  if (!before) throw new Error(`${event.type} of a cluster that was never registered`);
  switch (event.type) {
    case 'ClusterVersionChanged':
      return { ...before, observedAt, kubernetesVersion: event.data.kubernetesVersion };
    case 'ClusterConnectivityChanged': {
      const { connectivity, reason } = event.data;
      return { ...before, observedAt, connectivity, connectivityReason: reason };
    }
    case 'ClusterLeaderChanged':
      return { ...before, leaderTerm: event.data.term };
    case 'ClusterObjectRestored':
      return before;
  }
}
