import { describe } from 'vitest';
import { startKubernetes } from '../../../test/engines/kubernetes.js';
import { workloadClusterSuite } from './cluster.suite.js';

describe('workloads on a real control plane with KWOK', () => {
  workloadClusterSuite(startKubernetes);
});
