import { SpanKind } from '@opentelemetry/api';
import { secondsSince } from '../../platform/telemetry/metrics.js';
import { isTracing, traced } from '../../platform/telemetry/tracing.js';
import { fetchDurations } from '../metrics.js';
import type { Transport } from './transport.js';

/** The same way to a subgraph, which tells how long its answers take and makes each call a span of the request's trace. */
export function observeTransport(subgraph: string, transport: Transport): Transport {
  const span = { kind: SpanKind.CLIENT, attributes: { 'fleetgraph.subgraph': subgraph } };
  const ends = {
    ok: { subgraph, outcome: 'ok' },
    errors: { subgraph, outcome: 'errors' },
    lost: { subgraph, outcome: 'lost' },
  };

  // There are many calls for each request: what each costs beyond itself is kept small.
  const measured: Transport['execute'] = (operation, call) => {
    const startedAt = performance.now();
    return transport.execute(operation, call).then(
      (response) => {
        fetchDurations.observe(response.errors?.length ? ends.errors : ends.ok, secondsSince(startedAt));
        return response;
      },
      (error: unknown) => {
        fetchDurations.observe(ends.lost, secondsSince(startedAt));
        throw error;
      },
    );
  };

  return {
    ...transport,
    execute: (operation, call) =>
      isTracing()
        ? traced(`fetch ${subgraph}`, span, () => measured(operation, call))
        : measured(operation, call),
  };
}
