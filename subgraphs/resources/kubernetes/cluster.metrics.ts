import { createReading } from '../../../platform/telemetry/metrics.js';

export const reconcilerLeads = createReading(
  'fleetgraph_reconciler_leader',
  'Whether this process leads the reconcilers of its cluster.',
  [],
);

export const clusterAnswers = createReading(
  'fleetgraph_cluster_answers',
  'Whether the Kubernetes API answered this process when it was asked last.',
  [],
);
