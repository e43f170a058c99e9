import { SpanKind } from '@opentelemetry/api';
import { secondsSince } from '../../platform/telemetry/metrics.js';
import { traced } from '../../platform/telemetry/tracing.js';
import { fetchDurations } from '../metrics.js';
import type { SubgraphResponse, Transport } from './transport.js';

/** The same way to a subgraph, which tells how long its answers take and makes each call a span of the request's trace. */
export function observeTransport(subgraph: string, transport: Transport): Transport {
  const span = { kind: SpanKind.CLIENT, attributes: { 'fleetgraph.subgraph': subgraph } };
  return {
    ...transport,
    execute: (operation, call) =>
      traced(`fetch ${subgraph}`, span, async () => {
        const startedAt = performance.now();
        let outcome = 'lost';
        try {
          const response = await transport.execute(operation, call);
          outcome = outcomeOf(response);
          return response;
        } finally {
          fetchDurations.observe({ subgraph, outcome }, secondsSince(startedAt));
        }
      }),
  };
}

const outcomeOf = ({ errors }: SubgraphResponse) => (errors && errors.length > 0 ? 'errors' : 'ok');
