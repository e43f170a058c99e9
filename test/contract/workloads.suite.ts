import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { demoNodes, toNode } from '../../embedded/cluster/demoNodes.js';
import { buildWith } from '../../platform/disposables.js';
import { connectCluster } from '../../platform/kubernetes/cluster.client.js';
import type { Cluster } from '../../platform/kubernetes/cluster.port.js';
import {
  deployments,
  jobs,
  type KubeObject,
  type Kind,
  nodes,
  pods,
  services,
} from '../../platform/kubernetes/kinds.js';
import { startHarness } from '../testkit/subgraphHarness.js';
import { until } from '../testkit/until.js';
import { createResources } from '../../subgraphs/resources/app.js';
import { createBillingFake } from '../testkit/billingFake.js';
import { covers } from '../../subgraphs/resources/kubernetes/covers.js';
import { gpuResourceOn } from '../../subgraphs/resources/kubernetes/node.devices.js';
import { deploymentsOf, serviceOf } from '../../subgraphs/resources/kubernetes/workload.manifests.js';
import { leadCluster } from '../../subgraphs/resources/leadCluster.js';
import {
  A100,
  addProject,
  CLUSTER,
  H100,
  type ResourcesHarness,
  setQuota,
} from '../../subgraphs/resources/resources.fixture.js';
import { workloadId } from '../../subgraphs/resources/workload/workload.js';
import {
  askDeployment,
  deploymentAsk,
  jobSpec,
  openDevicesOf,
  reaches,
  reserve,
  stateOf,
  tellDeployment,
  tellJob,
  typesOf,
} from '../../subgraphs/resources/workload/workload.fixture.js';

const DEADLINE = '2099-01-01T00:00:00.000Z';
/** A real cluster takes more than a minute to clean up after a node that is gone. */
const PATIENCE_MS = 150_000;

/** `kubeconfig` may do all, `account` what Fleetgraph may. */
type StartCluster = () => Promise<AsyncDisposable & { kubeconfig: string; account?: string }>;

type World = ResourcesHarness & { readonly cluster: Cluster };

/** Resources that drive a cluster with the demo's nodes, alone: the tests say what other contexts would. */
const startWorld = (startCluster: StartCluster) =>
  buildWith(async ({ use }): Promise<World> => {
    const { kubeconfig, account = kubeconfig } = use(await startCluster());
    const cluster = use(connectCluster({ kubeconfig, fieldManager: 'somebody-else' }));
    for (const node of demoNodes)
      if (!(await cluster.get(nodes, { name: node.name }))) await cluster.create(nodes, toNode(node));
    const billing = createBillingFake();
    const harness = use(
      await startHarness((deps) => createResources({ ...deps, billing, clusterId: CLUSTER })),
    );
    await addProject(harness, 'vision');
    await setQuota(harness, 'vision', H100, 16);
    await setQuota(harness, 'vision', A100, 16);
    use(await leadCluster(harness.app, { kubeconfig: account, onError: () => undefined }));
    const usable = () => harness.database.prisma.gpu.count({ where: { usable: true } });
    await until('its nodes are known', async () => (await usable()) === 40, PATIENCE_MS);
    return Object.assign(harness, { billing, cluster });
  });

const quick = ['pod-create', 'pod-ready', 'pod-delete'].flatMap((stage) => [
  { key: `${stage}.stage.kwok.x-k8s.io/delay`, value: '50ms' },
  { key: `${stage}.stage.kwok.x-k8s.io/jitter-delay`, value: '100ms' },
]);
const endsAfter = (delay: string) => [
  ...quick,
  { key: 'pod-complete.stage.kwok.x-k8s.io/delay', value: delay },
  { key: 'pod-complete.stage.kwok.x-k8s.io/jitter-delay', value: delay },
];
const gpu = (count: number, model = H100) => ({ modelIn: [model], count });

/** Jobs and deployments from their devices to their last pod, on any cluster. */
export function workloadClusterSuite(startCluster: StartCluster): void {
  let world: World;
  beforeAll(async () => {
    world = await startWorld(startCluster);
  });
  afterAll(() => world[Symbol.asyncDispose]());
  beforeEach(async () => {
    await until('the fleet is free', async () => (await openAllocations()) === 0, PATIENCE_MS);
  });

  const openAllocations = () => world.database.prisma.allocation.count({ where: { closedAt: null } });
  const phase = (ownerId: string, wanted: string) =>
    until(
      `${ownerId} is ${wanted}`,
      async () => (await stateOf(world, ownerId))?.phase === wanted,
      PATIENCE_MS,
    );
  const end = async (ownerId: string) => (await stateOf(world, ownerId))?.end;

  const ownedBy = async <T extends KubeObject>(kind: Kind<T>, ownerId: string): Promise<T[]> => {
    const labelSelector = `fleetgraph.dev/workload=${workloadId({ id: ownerId }, 1)}`;
    return (await world.cluster.list(kind, { namespace: 'vision', labelSelector })).items;
  };

  /** Every object of it is gone, and its devices are free. */
  async function isCleared(ownerId: string): Promise<void> {
    await phase(ownerId, 'CLEARED');
    for (const kind of [jobs, deployments, services, pods] as const)
      expect(await ownedBy<KubeObject>(kind as Kind, ownerId)).toEqual([]);
    expect(await openDevicesOf(world, ownerId)).toEqual([]);
  }

  const longJob = (more: Parameters<typeof jobSpec>[0] = {}) =>
    reserve(world, { spec: jobSpec({ annotations: endsAfter('600s'), ...more }) });

  test('a job runs on the node of its devices to its end, and leaves nothing behind', async () => {
    const spec = jobSpec({
      annotations: endsAfter('2s'),
      env: [{ key: 'EPOCHS', value: '3' }],
      secretRefs: [{ env: 'TOKEN', secret: 'registry', key: 'token' }],
      labels: [{ key: 'team', value: 'blue' }],
    });
    const job = await reserve(world, { spec });
    await phase(job, 'RUNNING');
    const [pod] = await ownedBy(pods, job);
    const [device = ''] = await openDevicesOf(world, job);
    expect(`${CLUSTER}/${pod?.spec?.nodeName}`).toBe(device.replace(/\/\d+$/, ''));
    expect(pod).toMatchObject({
      metadata: {
        labels: { team: 'blue', 'fleetgraph.dev/job': job, 'fleetgraph.dev/attempt': '1' },
        annotations: { 'pod-complete.stage.kwok.x-k8s.io/delay': '2s' },
      },
      spec: {
        restartPolicy: 'Never',
        containers: [
          {
            command: ['python', 'train.py'],
            env: [
              { name: 'EPOCHS', value: '3' },
              { name: 'TOKEN', valueFrom: { secretKeyRef: { name: 'registry', key: 'token' } } },
            ],
            resources: { limits: { 'nvidia.com/gpu': '2' } },
          },
        ],
      },
    });
    await isCleared(job);
    const podUid = pod?.metadata.uid ?? '';
    const log = await world.database.prisma.logStream.findUnique({ where: { podUid } });
    expect(log).toMatchObject({ jobId: job, attempt: 1, hasEnded: true });
    expect(await end(job)).toMatchObject({ reason: 'COMPLETED', exitCode: 0 });
    expect(await typesOf(world, workloadId({ id: job }, 1))).toEqual([
      'WorkloadAdmitted',
      'WorkloadCreated',
      'WorkloadRunning',
      'WorkloadEnded',
      'WorkloadCleared',
    ]);
  });

  test('a job larger than a node is one Indexed Job with a pod on each of its nodes', async () => {
    const other = await longJob({ gpu: gpu(4) });
    const spec = jobSpec({ gpu: gpu(16, A100), annotations: endsAfter('3s') });
    const gang = await reserve(world, { spec, gpuModelId: A100 });
    await phase(gang, 'RUNNING');
    const [object, ...others] = await ownedBy(jobs, gang);
    expect(others).toEqual([]);
    expect(object?.spec).toMatchObject({
      completionMode: 'Indexed',
      completions: 2,
      parallelism: 2,
      backoffLimit: 0,
    });
    const placed = (await ownedBy(pods, gang)).map(
      ({ spec: { nodeName = '' } = { containers: [] } }) => nodeName,
    );
    expect(placed.toSorted()).toEqual(['a100-1', 'a100-2']);
    await isCleared(gang);
    expect(await end(gang)).toMatchObject({ reason: 'COMPLETED' });
    await tellJob(world, other, {
      type: 'JobCancelRequested',
      data: { attempt: 1, reason: 'CANCELLED', deadline: DEADLINE },
    });
    await isCleared(other);
    expect(await end(other)).toMatchObject({ reason: 'CANCELLED', exitCode: null });
  });

  test('a program that fails keeps its exit code', async () => {
    const failing = { key: 'pod-container-running-failed.stage.kwok.x-k8s.io', value: 'true' };
    const annotations = [...endsAfter('600s'), { key: `${failing.key}/exit-code`, value: '3' }];
    const job = await reserve(world, { spec: jobSpec({ labels: [failing], annotations }) });
    await isCleared(job);
    expect(await end(job)).toMatchObject({ reason: 'EXIT_CODE', exitCode: 3 });
  });

  test('a job that runs longer than it may is ended by the cluster', async () => {
    const spec = jobSpec({ annotations: endsAfter('600s') });
    const job = await reserve(world, { spec, maxRuntimeSeconds: 3 });
    await isCleared(job);
    expect(await end(job)).toMatchObject({ reason: 'TIME_LIMIT', exitCode: null });
  });

  test('a job whose pod or whose Job somebody deletes ends as such', async () => {
    const [first, second] = [await longJob(), await longJob()];
    await phase(first, 'RUNNING');
    await phase(second, 'RUNNING');
    const [pod] = await ownedBy(pods, first);
    await world.cluster.delete(pods, { name: pod?.metadata.name ?? '', namespace: 'vision' });
    const [job] = await ownedBy(jobs, second);
    await world.cluster.delete(jobs, { name: job?.metadata.name ?? '', namespace: 'vision' });
    for (const id of [first, second]) {
      await isCleared(id);
      expect(await end(id)).toMatchObject({ reason: 'PODS_DELETED' });
    }
  });

  test('a job whose node is lost ends as such', async () => {
    const job = await longJob({ gpu: gpu(8) });
    await phase(job, 'RUNNING');
    const [pod] = await ownedBy(pods, job);
    const name = pod?.spec?.nodeName ?? '';
    await world.cluster.delete(nodes, { name });
    await until('it has ended', async () => (await end(job)) != null, PATIENCE_MS);
    expect(await end(job)).toMatchObject({ reason: 'NODE_LOST' });
    const node = demoNodes.find((each) => each.name === name);
    if (node) await world.cluster.create(nodes, toNode(node));
    const usable = () => world.database.prisma.gpu.count({ where: { usable: true } });
    await until('the node is back', async () => (await usable()) === 40, PATIENCE_MS);
  });

  test('a deployment serves on the nodes of its devices, whatever somebody does to it, until it is deleted', async () => {
    const other = await longJob({ gpu: gpu(4) });
    const { spec } = deploymentAsk();
    const asked = { spec: { ...spec, gpu: gpu(3), replicas: { min: 3, max: 3 } } };
    const id = await askDeployment(world, asked);
    expect((await stateOf(world, id))?.body?.shares).toHaveLength(2);
    await phase(id, 'RUNNING');
    const ready = () =>
      until(
        'all replicas answer',
        async () => (await stateOf(world, id))?.replicas?.ready === 3,
        PATIENCE_MS,
      );
    await ready();
    const placed = async () =>
      (await ownedBy(pods, id))
        .map(({ spec: { nodeName = '' } = { containers: [] } }) => nodeName)
        .toSorted();
    const nodesOfDevices = (await openDevicesOf(world, id)).map((device) => device.split('/')[1] ?? '');
    expect(new Set(nodesOfDevices)).toEqual(new Set(['h100-1', 'h100-2']));
    const expected = nodesOfDevices.filter((_, index) => index % 3 === 0);
    expect(await placed()).toEqual(expected);
    const [service] = await ownedBy(services, id);
    expect(service?.spec?.ports).toMatchObject([{ port: 8080, targetPort: 8080 }]);
    expect((await ownedBy(deployments, id))[0]?.spec?.template.spec?.containers[0]?.env).toEqual([
      { name: 'MODEL_URI', value: spec.model.uri },
      { name: 'MODEL_DIGEST', value: spec.model.digest },
    ]);

    const [first, second] = await ownedBy(deployments, id);
    const desired = (await world.app.desired.workloads()).find(({ ownerId }) => ownerId === id);
    if (desired?.kind !== 'DEPLOYMENT') throw new Error('It is not desired');
    // Or it would be applied again and again.
    deploymentsOf(desired, gpuResourceOn(new Map())).forEach((intent, index) =>
      expect(covers([first, second][index], intent)).toBe(true),
    );
    expect(covers(service, serviceOf(desired))).toBe(true);
    await world.cluster.delete(services, { name: service?.metadata.name ?? '', namespace: 'vision' });
    await world.cluster.delete(deployments, { name: first?.metadata.name ?? '', namespace: 'vision' });
    if (second?.spec)
      await world.cluster.replace(deployments, { ...second, spec: { ...second.spec, replicas: 0 } });
    await until(
      'it is put right',
      async () =>
        (await ownedBy(services, id)).length === 1 &&
        (await placed()).join() === expected.join() &&
        (await ownedBy(deployments, id)).every(({ status }) => (status?.readyReplicas ?? 0) > 0),
      PATIENCE_MS,
    );
    await ready();

    await tellDeployment(world, id, { type: 'DeploymentDeletionRequested', data: { deadline: DEADLINE } });
    await isCleared(id);
    await tellJob(world, other, {
      type: 'JobCancelRequested',
      data: { attempt: 1, reason: 'CANCELLED', deadline: DEADLINE },
    });
    await reaches(world, other, 'CLEARED');
  });

  test('a job that the cluster does not take ends as rejected, and keeps no other from running', async () => {
    const impossible = await reserve(world, { spec: jobSpec({ image: '' }) });
    const job = await reserve(world, { spec: jobSpec({ annotations: endsAfter('1s') }) });
    await isCleared(impossible);
    expect(await end(impossible)).toMatchObject({
      reason: 'POD_REJECTED',
      message: expect.stringContaining('image'),
    });
    await isCleared(job);
    expect(await end(job)).toMatchObject({ reason: 'COMPLETED' });
  });
}
