import type { MetricHistory } from './history.repository.js';
import type { LatestMetrics } from './latestMetrics.js';
import type { Occupancy } from './occupancy.js';

/** What resolvers know of metrics. */
export type Metrics = {
  readonly latest: LatestMetrics;
  readonly occupancy: Occupancy;
  readonly history: MetricHistory;
};
