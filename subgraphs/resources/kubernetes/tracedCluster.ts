import type { Cluster } from '../../../platform/kubernetes/cluster.port.js';
import type { Tails } from '../../../platform/server/tails.js';
import { readTraceparent } from '../../../platform/telemetry/traceparent.js';
import { continuing, isTracing } from '../../../platform/telemetry/tracing.js';
import { LABELS } from './names.js';

/** Of so many entities the traces are remembered: those whose last events are the newest. */
const ENTITIES_MAX = 10_000;

/**
 * The same cluster; what is written to it for an instance or a workload is a part of the trace of its last event. A
 * reconciler knows no request: it only compares. So that is remembered here, while there are traces.
 */
export function traceCluster(
  cluster: Cluster,
  { tails, onError }: { tails: Tails; onError: (error: unknown) => void },
): Cluster {
  if (!isTracing()) return cluster;
  const stop = new AbortController();
  const traces = new Map<string, string>();

  async function remember(): Promise<void> {
    const tail = await tails('resources');
    for await (const events of tail.from(tail.head(), stop.signal)) {
      for (const { streamId, trace } of events) {
        traces.delete(streamId);
        if (trace !== undefined) traces.set(streamId, trace);
      }
      for (const oldest of traces.keys()) {
        if (traces.size <= ENTITIES_MAX) break;
        traces.delete(oldest);
      }
    }
  }

  function within<Result>(object: Labelled, write: () => Result): Result {
    const { labels = {} } = object.metadata;
    const owner = labels[LABELS.instance] ?? labels[LABELS.workload] ?? '';
    return continuing(readTraceparent(traces.get(owner)), write);
  }

  const remembering = remember().catch(onError);
  return {
    ...cluster,
    create: (kind, object) => within(object, () => cluster.create(kind, object)),
    apply: (kind, object, options) => within(object, () => cluster.apply(kind, object, options)),
    async [Symbol.asyncDispose]() {
      stop.abort();
      await remembering;
      await cluster[Symbol.asyncDispose]();
    },
  };
}

type Labelled = { metadata: { labels?: Record<string, string> } };
