import type { Cluster } from '../../../platform/kubernetes/cluster.port.js';
import type { Leader } from '../../../platform/kubernetes/leader.port.js';
import { createJobTails, type JobTails } from './jobTails.js';
import type { LogRepository } from './log.repository.js';
import { startLogCollector } from './logCollector.js';
import { startLogExpiry } from './logExpiry.js';

/** The logs of jobs, as this process reads and writes them. */
export interface Logs extends AsyncDisposable {
  readonly store: LogRepository;
  readonly tails: JobTails;
  /** Collects them from the cluster, and forgets old ones, as long as this process leads. */
  collect(options: { cluster: Cluster; leader: Leader; onError: (error: unknown) => void }): AsyncDisposable;
}

/** `keptMs` is how long what was stored is kept. */
export function createLogs(deps: {
  store: LogRepository;
  keptMs: number;
  onError: (error: unknown) => void;
}): Logs {
  const { store, keptMs } = deps;
  const tails = createJobTails({ store, onError: deps.onError });
  return {
    store,
    tails,
    collect({ cluster, leader, onError }) {
      const collector = startLogCollector({ cluster, leader, store, tails, onError });
      const isActive = () => leader.isLeader();
      const expiry = startLogExpiry({ store, keptMs, isActive, onError });
      return {
        async [Symbol.asyncDispose]() {
          await expiry[Symbol.asyncDispose]();
          await collector[Symbol.asyncDispose]();
        },
      };
    },
    [Symbol.asyncDispose]: () => tails[Symbol.asyncDispose](),
  };
}
