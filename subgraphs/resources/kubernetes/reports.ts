import type { ObservedNode } from '../../../contracts/resources.events.js';
import type { ClusterObservation } from '../cluster/cluster.js';
import type { ObserveWorkload } from '../workload/workload.observer.js';
import type { Observe } from './desired.js';
import type { TellRestored } from './drift.js';

/** Records a complete list of the cluster's GPU nodes. */
export type RecordNodes = (nodes: readonly ObservedNode[]) => Promise<void>;

/** What the leader of one term tells the read model. It is refused once a leader of a later term has begun. */
export type Reports = {
  /** Begins the term. Nothing else is told, and nothing is written to the cluster, before. */
  lead: () => Promise<void>;
  observe: Observe;
  observeWorkload: ObserveWorkload;
  recordNodes: RecordNodes;
  recordCluster: (seen: ClusterObservation) => Promise<void>;
  restored: TellRestored;
};

export type ReportsOf = (term: number) => Reports;

/** The reports of the term that runs, begun once, however many passes ask at once. */
export function beginOnce(reportsOf: ReportsOf) {
  let begun: { term: number; reports: Promise<Reports> } | null = null;

  async function begin(term: number): Promise<Reports> {
    const reports = reportsOf(term);
    await reports.lead();
    return reports;
  }

  return function inTerm(term: number): Promise<Reports> {
    if (begun?.term === term) return begun.reports;
    const beginning = { term, reports: begin(term) };
    begun = beginning;
    beginning.reports.catch(() => {
      if (begun === beginning) begun = null;
    });
    return beginning.reports;
  };
}
