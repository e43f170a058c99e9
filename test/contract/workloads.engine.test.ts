import { describe } from 'vitest';
import { startKubernetes } from '../engines/kubernetes.js';
import { installAccount } from '../engines/kubernetesAccount.js';
import { workloadClusterSuite } from './workloads.suite.js';

describe('workloads on a real control plane with KWOK, with no more rights than we ask for', () => {
  workloadClusterSuite(async () => {
    const engine = await startKubernetes();
    return { ...engine, account: await installAccount(engine.kubeconfig) };
  });
});
