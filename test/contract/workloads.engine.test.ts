import { describe } from 'vitest';
import { startKubernetes } from '../engines/kubernetes.js';
import { workloadClusterSuite } from './workloads.suite.js';

describe('workloads on a real control plane with KWOK', () => {
  workloadClusterSuite(startKubernetes);
});
