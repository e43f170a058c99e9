import { SpanKind } from '@opentelemetry/api';
import { createCounter, createDurations, secondsSince } from '../telemetry/metrics.js';
import { tracedWithin } from '../telemetry/tracing.js';
import { ClusterError } from './clusterError.js';
import type { Transport } from './transport.js';

const durations = createDurations(
  'fleetgraph_kubernetes_request_duration_seconds',
  'How long requests to the Kubernetes API took until their answers began, waiting for Retry-After included.',
  ['verb', 'resource', 'status'],
);

export const relists = createCounter(
  'fleetgraph_kubernetes_relists_total',
  'Lists that had to replace a watch: the first one, its history was gone, it was silent, or it failed.',
  ['resource', 'reason'],
);

/** Sends as before, measures each request, and makes those that a trace leads to spans of it. */
export const observeTransport =
  (send: Transport): Transport =>
  (call) => {
    const { verb, resource } = describe(call);
    return tracedWithin(`${verb} ${resource}`, { kind: SpanKind.CLIENT }, async () => {
      const startedAt = performance.now();
      let status = 'failed';
      try {
        const response = await send(call);
        status = String(response.httpStatusCode);
        return response;
      } catch (error) {
        if (error instanceof ClusterError) status = error.status === 0 ? 'unreachable' : String(error.status);
        throw error;
      } finally {
        durations.observe({ verb, resource, status }, secondsSince(startedAt));
      }
    });
  };

/** The kind of object that a path speaks of: `/apis/apps/v1/namespaces/vision/statefulsets/a` of `statefulsets`. */
export function describe({ method, path }: { method: string; path: string }): {
  verb: string;
  resource: string;
} {
  const [place = '', query = ''] = path.split('?', 2);
  const [api, ...rest] = place.split('/').filter(Boolean);
  const [first = '', , ...inNamespace] = rest.slice(api === 'api' ? 1 : 2);
  const [resource = first, , subresource] = inNamespace;
  const isWatch = new URLSearchParams(query).get('watch') === 'true';
  return {
    verb: isWatch ? 'WATCH' : method,
    resource: subresource === undefined ? resource : `${resource}/${subresource}`,
  };
}
