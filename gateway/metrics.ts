import { createCounter, createDurations, createGauge } from '../platform/telemetry/metrics.js';

export const operationDurations = createDurations(
  'fleetgraph_gateway_operation_duration_seconds',
  'How long queries and mutations took, from admission to the last byte of the answer.',
  ['operation', 'kind', 'outcome'],
);

export const refusals = createCounter(
  'fleetgraph_gateway_refusals_total',
  'Requests that were refused before anything ran.',
  ['code'],
);

export const maskedErrors = createCounter(
  'fleetgraph_gateway_masked_errors_total',
  'Errors of subgraphs that callers saw only as an id, and calls to subgraphs that were lost.',
  ['subgraph'],
);

export const fetchDurations = createDurations(
  'fleetgraph_gateway_fetch_duration_seconds',
  'How long calls to subgraphs took.',
  ['subgraph', 'outcome'],
);

export const planDurations = createDurations(
  'fleetgraph_gateway_plan_duration_seconds',
  'How long it took to plan and compile a document that was not known yet.',
  ['outcome'],
);

export const openSockets = createGauge(
  'fleetgraph_gateway_sockets',
  'WebSocket connections of clients that are open.',
  [],
);

export const openEventStreams = createGauge(
  'fleetgraph_gateway_event_streams',
  'Streams of server-sent events that are open.',
  [],
);

export const openSubscriptions = createGauge(
  'fleetgraph_gateway_subscriptions',
  'Subscriptions that are running, over whatever protocol.',
  [],
);
