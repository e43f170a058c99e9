import { describe } from 'vitest';
import { createEmbeddedCluster } from '../../embedded/cluster/cluster.js';
import { workloadClusterSuite } from './workloads.suite.js';

describe('workloads on the embedded cluster', () => {
  workloadClusterSuite(() => createEmbeddedCluster());
});
