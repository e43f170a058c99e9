import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe } from 'vitest';
import { createEmbeddedCluster } from '../../embedded/cluster/cluster.js';
import { connectCluster } from '../../platform/kubernetes/cluster.client.js';
import { apiSuite } from './cluster/api.suite.js';
import { clientSuite } from './cluster/client.suite.js';
import { logSuite } from './cluster/log.suite.js';
import { projectsSuite } from './cluster/projects.suite.js';
import { workloadSuite } from './cluster/workload.suite.js';
import type { EmbeddedCluster } from '../../embedded/cluster/cluster.js';
import type { Cluster } from '../../platform/kubernetes/cluster.port.js';

describe('the embedded cluster', () => {
  let engine: EmbeddedCluster;
  let cluster: Cluster;
  let folder: string;

  const start = async (port: number) => {
    const dataFile = join(folder, 'cluster.jsonl');
    engine = await createEmbeddedCluster({ nodes: [], dataFile, port, secret: 'secret' });
  };
  const restart = async () => {
    await engine.close();
    await start(Number(new URL(engine.url).port));
  };
  const connect = () => ({
    cluster,
    kubeconfig: engine.kubeconfig,
    stranger: engine.kubeconfig.replace('/secret', '/wrong'),
    restart,
  });

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'fleetgraph-cluster-'));
    await start(0);
    cluster = connectCluster({ kubeconfig: engine.kubeconfig, fieldManager: 'fleetgraph' });
  });
  afterAll(async () => {
    await cluster[Symbol.asyncDispose]();
    await engine.close();
    await rm(folder, { recursive: true });
  });

  apiSuite(connect);
  workloadSuite(connect);
  clientSuite(connect);
  logSuite(connect, async () => undefined);
  projectsSuite(connect);
});
