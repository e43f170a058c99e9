import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { demoNodes, toNode } from '../../embedded/cluster/demoNodes.js';
import { buildWith } from '../../platform/disposables.js';
import { connectCluster } from '../../platform/kubernetes/cluster.client.js';
import { nodes } from '../../platform/kubernetes/kinds.js';
import { startKafka } from '../engines/kafka.js';
import { startKubernetes } from '../engines/kubernetes.js';
import { startFleet, type TestFleet } from '../testkit/fleet.js';

export interface EngineFleet extends TestFleet {
  /** The Kafka brokers that its events are announced on. */
  readonly brokers: string;
}

/**
 * A fleet in one process on a real control plane whose nodes KWOK simulates, on a Kafka broker, and on the PostgreSQL
 * server of the run.
 */
export const startFleetOnEngines = (): Promise<EngineFleet> =>
  buildWith(async ({ use }) => {
    const { kubeconfig } = use(await startKubernetes());
    const cluster = use(connectCluster({ kubeconfig, fieldManager: 'kubelet' }));
    for (const node of demoNodes) await cluster.create(nodes, toNode(node));
    const path = join(mkdtempSync(join(tmpdir(), 'kubeconfig-')), 'config');
    writeFileSync(path, kubeconfig);
    const { brokers } = use(await startKafka());
    const settings = { FLEETGRAPH_KUBECONFIG: path, KAFKA_BROKERS: brokers };
    return { ...use(await startFleet(settings)), brokers };
  });
