import { afterAll, beforeAll, describe } from 'vitest';
import { startKubernetes } from '../engines/kubernetes.js';
import { connectCluster } from '../../platform/kubernetes/cluster.client.js';
import { apiSuite } from './cluster/api.suite.js';
import { clientSuite } from './cluster/client.suite.js';
import { logSuite } from './cluster/log.suite.js';
import { projectsSuite } from './cluster/projects.suite.js';
import { workloadSuite } from './cluster/workload.suite.js';
import type { Kubernetes } from '../engines/kubernetes.js';
import type { Cluster } from '../../platform/kubernetes/cluster.port.js';

describe('a real control plane with KWOK', () => {
  let engine: Kubernetes;
  let cluster: Cluster;
  const restart = async () => {
    await engine.stopApiServer('SIGKILL');
    await engine.startApiServer();
  };
  const connect = () => {
    const stranger = engine.kubeconfig.replace(/"token":"[^"]*"/, '"token":"wrong"');
    return { cluster, kubeconfig: engine.kubeconfig, stranger, restart };
  };

  beforeAll(async () => {
    engine = await startKubernetes();
    cluster = connectCluster({ kubeconfig: engine.kubeconfig, fieldManager: 'fleetgraph' });
  });
  afterAll(async () => {
    await cluster[Symbol.asyncDispose]();
    await engine[Symbol.asyncDispose]();
  });

  apiSuite(connect);
  workloadSuite(connect);
  clientSuite(connect);
  logSuite(connect, () => engine.print());
  projectsSuite(connect);
});
