import { afterAll, beforeAll, describe } from 'vitest';
import { createEmbeddedCluster } from '../../embedded/cluster/cluster.js';
import { connectCluster } from '../../platform/kubernetes/cluster.client.js';
import { apiSuite } from './cluster/api.suite.js';
import { clientSuite } from './cluster/client.suite.js';
import { workloadSuite } from './cluster/workload.suite.js';
import type { EmbeddedCluster } from '../../embedded/cluster/cluster.js';
import type { Cluster } from '../../platform/kubernetes/cluster.port.js';

describe('the embedded cluster', () => {
  let engine: EmbeddedCluster;
  let cluster: Cluster;
  const connect = () => ({ cluster, kubeconfig: engine.kubeconfig });

  beforeAll(async () => {
    engine = await createEmbeddedCluster({ nodes: [], historyMax: 50 });
    cluster = connectCluster({ kubeconfig: engine.kubeconfig, fieldManager: 'fleetgraph' });
  });
  afterAll(async () => {
    await cluster[Symbol.asyncDispose]();
    await engine.close();
  });

  apiSuite(connect);
  workloadSuite(connect);
  clientSuite(connect);
});
