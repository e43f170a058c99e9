import { randomUUID } from 'node:crypto';
import { demoNodes, toNode } from '../../../embedded/cluster/demoNodes.js';
import { buildWith } from '../../../platform/disposables.js';
import { connectCluster } from '../../../platform/kubernetes/cluster.client.js';
import type { Cluster } from '../../../platform/kubernetes/cluster.port.js';

import { nodes } from '../../../platform/kubernetes/kinds.js';
import { electLeader } from '../../../platform/kubernetes/leader.js';
import type { Leader } from '../../../platform/kubernetes/leader.port.js';
import { createResources } from '../../../subgraphs/resources/app.js';
import {
  ensureSystemNamespace,
  SYSTEM_NAMESPACE,
} from '../../../subgraphs/resources/kubernetes/systemNamespace.js';
import {
  addProject,
  CLUSTER,
  command,
  H100,
  people,
  requested,
  requestOf,
  type ResourcesHarness,
  setQuota,
} from '../../../subgraphs/resources/resources.fixture.js';
import {
  jobSpec,
  reserve,
  stateOf,
  tellJob,
} from '../../../subgraphs/resources/workload/workload.fixture.js';
import { type Kubernetes, startKubernetes } from '../../engines/kubernetes.js';
import { installAccount } from '../../engines/kubernetesAccount.js';
import { createBillingFake } from '../../testkit/billingFake.js';
import { startHarness } from '../../testkit/subgraphHarness.js';
import { until } from '../../testkit/until.js';

export const PATIENCE_MS = 60_000;
/** So short that a test can wait for its end. */
const ELECTION = { namespace: SYSTEM_NAMESPACE, name: 'reconcilers', leaseMs: 2_000, renewMs: 300 };

export type FaultWorld = ResourcesHarness & {
  readonly engine: Kubernetes;
  /** Reaches the API server directly, and is not one of ours. */
  readonly cluster: Cluster;
  /** The kubeconfig of the account that we tell people to make. */
  readonly account: string;
  /** One of our processes, with whatever lies between it and the API server. */
  startReplica(kubeconfig: string): Promise<Replica>;
};

export type Replica = AsyncDisposable & { readonly leader: Leader };

/** A real control plane with the demo's nodes, and resources whose replicas lead it. */
export const startFaultWorld = () =>
  buildWith(async ({ use }): Promise<FaultWorld> => {
    const engine = use(await startKubernetes());
    const cluster = use(connectCluster({ kubeconfig: engine.kubeconfig, fieldManager: 'somebody-else' }));
    for (const node of demoNodes) await cluster.create(nodes, toNode(node));
    const billing = createBillingFake();
    const harness = use(
      await startHarness((deps) => createResources({ ...deps, billing, clusterId: CLUSTER })),
    );
    await addProject(harness, 'vision');
    await setQuota(harness, 'vision', H100, 16);
    const account = await installAccount(engine.kubeconfig);
    const startReplica = (kubeconfig: string) => startReplicaOf(harness, kubeconfig);
    return Object.assign(harness, { billing, engine, cluster, account, startReplica });
  });

const startReplicaOf = ({ app }: Pick<ResourcesHarness, 'app'>, kubeconfig: string) =>
  buildWith(async ({ use }) => {
    const cluster = use(connectCluster({ kubeconfig, fieldManager: 'fleetgraph', timeoutMs: 3_000 }));
    await ensureSystemNamespace(cluster);
    const leader = use(electLeader(cluster, { ...ELECTION, identity: randomUUID() }));
    use(await app.drive({ cluster, leader, onError: () => undefined }));
    return { leader };
  });

/** There is something to give. */
export const fleetIsKnown = ({ database }: FaultWorld) =>
  until(
    'every GPU is known',
    async () => (await database.prisma.gpu.count({ where: { usable: true } })) === 40,
    PATIENCE_MS,
  );

/** Simulated pods come and go at once. */
const quick = ['pod-create', 'pod-ready', 'pod-delete'].flatMap((stage) => [
  { key: `${stage}.stage.kwok.x-k8s.io/delay`, value: '20ms' },
  { key: `${stage}.stage.kwok.x-k8s.io/jitter-delay`, value: '40ms' },
]);

const endsAfter = (delay: string) => [
  ...quick,
  { key: 'pod-complete.stage.kwok.x-k8s.io/delay', value: delay },
  { key: 'pod-complete.stage.kwok.x-k8s.io/jitter-delay', value: delay },
];

export const submitJob = (world: FaultWorld, lasts = '600s'): Promise<string> =>
  reserve(world, { spec: jobSpec({ annotations: endsAfter(lasts), gpu: { modelIn: [H100], count: 1 } }) });

export const cancelJob = (world: FaultWorld, job: string) =>
  tellJob(world, job, {
    type: 'JobCancelRequested',
    data: { attempt: 1, reason: 'CANCELLED', deadline: '2099-01-01T00:00:00.000Z' },
  });

export const jobIs = (world: FaultWorld, job: string, phase: string) =>
  until(`job ${job} is ${phase}`, async () => (await stateOf(world, job))?.phase === phase, PATIENCE_MS);

export async function startInstance(world: FaultWorld): Promise<string> {
  const { instance } = await requested(world.as(people.researcher), requestOf({ annotations: quick }));
  await instanceIs(world, instance.id, 'RUNNING');
  return instance.id;
}

export const commandInstance = (
  world: FaultWorld,
  name: 'startInstance' | 'stopInstance' | 'terminateInstance',
  id: string,
) => command(world.as(people.researcher), name, id);

export const instanceIs = (world: FaultWorld, id: string, phase: string) =>
  until(
    `instance ${id} is ${phase}`,
    async () => (await world.database.prisma.instance.findUnique({ where: { id } }))?.phase === phase,
    PATIENCE_MS,
  );
