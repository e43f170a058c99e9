import { expect, test } from 'vitest';
import {
  deployments,
  events,
  jobs,
  namespaces,
  nodes,
  pods,
  resourceQuotas,
  services,
  statefulSets,
  volumeClaims,
} from '../../../platform/kubernetes/kinds.js';
import {
  completeAfter,
  createWorld,
  deployment,
  isReady,
  job,
  patience,
  statefulSet,
} from './clusterWorld.js';
import type { Connect } from './api.suite.js';
import type { World } from './clusterWorld.js';
import type { Cluster } from '../../../platform/kubernetes/cluster.port.js';
import type { Pod } from '../../../platform/kubernetes/kinds.js';

/** What becomes of workloads: placement, quota, volumes, ends. */
export function workloadSuite(connect: Connect): void {
  test('a stateful set runs its pod on the node of its choice, and keeps the volume over a stop', async () => {
    const { cluster } = connect();
    await using world = await createWorld(cluster);
    await cluster.apply(statefulSets, statefulSet(world, 'lab', 1));
    const first = await untilReady(cluster, world, 'lab-0');
    expect(first).toMatchObject({
      spec: { nodeName: world.node },
      status: { phase: 'Running', podIP: expect.any(String) },
    });
    await expect.poll(() => readyReplicas(cluster, world, 'lab'), patience).toBe(1);
    const claim = { namespace: world.namespace, name: 'work-lab-0' };
    await expect
      .poll(async () => (await cluster.get(volumeClaims, claim))?.status?.phase, patience)
      .toBe('Bound');
    const volume = (await cluster.get(volumeClaims, claim))?.spec?.volumeName;

    await cluster.apply(statefulSets, statefulSet(world, 'lab', 0));
    await expect.poll(() => podNames(cluster, world), patience).toEqual([]);
    expect((await cluster.get(volumeClaims, claim))?.spec?.volumeName).toBe(volume);

    await cluster.apply(statefulSets, statefulSet(world, 'lab', 1));
    const second = await untilReady(cluster, world, 'lab-0');
    expect(second.metadata.uid).not.toBe(first.metadata.uid);
    expect(second.spec?.volumes).toContainEqual({
      name: 'work',
      persistentVolumeClaim: { claimName: 'work-lab-0' },
    });

    await cluster.delete(statefulSets, { namespace: world.namespace, name: 'lab' });
    await expect.poll(() => podNames(cluster, world), patience).toEqual([]);
    expect(await cluster.get(volumeClaims, claim)).not.toBeNull();
  });

  test('a pod that somebody deletes comes back under its name', async () => {
    const { cluster } = connect();
    await using world = await createWorld(cluster);
    await cluster.apply(statefulSets, statefulSet(world, 'lab', 1));
    const first = await untilReady(cluster, world, 'lab-0');
    await cluster.delete(pods, { namespace: world.namespace, name: 'lab-0' }, { uid: first.metadata.uid });
    await expect
      .poll(async () => {
        const pod = await cluster.get(pods, { namespace: world.namespace, name: 'lab-0' });
        return pod !== null && pod.metadata.uid !== first.metadata.uid && isReady(pod);
      }, patience)
      .toBe(true);
  });

  test('a node gives out no more GPUs than it has, and says why a pod waits', async () => {
    const { cluster } = connect();
    await using world = await createWorld(cluster);
    await cluster.apply(statefulSets, statefulSet(world, 'big', 1, { gpus: 6 }));
    await untilReady(cluster, world, 'big-0');
    await cluster.apply(statefulSets, statefulSet(world, 'second', 1, { gpus: 4 }));
    await expect
      .poll(() => whyWaiting(cluster, world, 'second-0'), patience)
      .toContain('Insufficient nvidia.com/gpu');
    await cluster.apply(statefulSets, statefulSet(world, 'big', 0, { gpus: 6 }));
    await untilReady(cluster, world, 'second-0');
  });

  test('a pod that wants no node with another of its kind waits for one without', async () => {
    const { cluster } = connect();
    await using world = await createWorld(cluster);
    await cluster.apply(statefulSets, statefulSet(world, 'first', 1, { labels: { kind: 'gang' } }));
    await untilReady(cluster, world, 'first-0');
    const second = statefulSet(world, 'second', 1, { labels: { kind: 'gang' } });
    const term = { labelSelector: { matchLabels: { kind: 'gang' } }, topologyKey: 'kubernetes.io/hostname' };
    const spec = second.spec?.template.spec;
    if (!spec) throw new Error('The set has no pods');
    spec.affinity = { podAntiAffinity: { requiredDuringSchedulingIgnoredDuringExecution: [term] } };
    await cluster.apply(statefulSets, second);
    await expect.poll(() => whyWaiting(cluster, world, 'second-0'), patience).toContain('anti-affinity');
    await cluster.delete(statefulSets, { namespace: world.namespace, name: 'first' });
    await untilReady(cluster, world, 'second-0');
  });

  test('a cordoned node takes no new pod until it is uncordoned', async () => {
    const { cluster } = connect();
    await using world = await createWorld(cluster);
    await cluster.apply(nodes, { metadata: { name: world.node }, spec: { unschedulable: true } });
    await cluster.apply(statefulSets, statefulSet(world, 'lab', 1));
    await expect.poll(() => whyWaiting(cluster, world, 'lab-0'), patience).toContain('unschedulable');
    await cluster.apply(nodes, { metadata: { name: world.node }, spec: { unschedulable: false } });
    await untilReady(cluster, world, 'lab-0');
  });

  test('a pod without a toleration stays off the GPU nodes', async () => {
    const { cluster } = connect();
    await using world = await createWorld(cluster);
    const intent = statefulSet(world, 'lab', 1);
    delete intent.spec?.template.spec?.tolerations;
    await cluster.apply(statefulSets, intent);
    await expect.poll(() => whyWaiting(cluster, world, 'lab-0'), patience).toContain('taint');
  });

  test('a quota refuses the pods beyond it, in an event that names the numbers', async () => {
    const { cluster } = connect();
    await using world = await createWorld(cluster);
    const { namespace } = world;
    const hard = { 'requests.nvidia.com/gpu': '3' };
    await cluster.apply(resourceQuotas, { metadata: { name: 'gpus', namespace }, spec: { hard } });
    const quota = { namespace, name: 'gpus' };
    await expect
      .poll(async () => (await cluster.get(resourceQuotas, quota))?.status?.hard, patience)
      .toEqual(hard);
    await cluster.apply(deployments, deployment(world, 'web', 2, { gpus: 2 }));
    await expect
      .poll(() => messages(cluster, world, 'FailedCreate'), patience)
      .toContainEqual(
        expect.stringContaining(
          'exceeded quota: gpus, requested: requests.nvidia.com/gpu=2, used: requests.nvidia.com/gpu=2, limited: requests.nvidia.com/gpu=3',
        ),
      );
    expect(await podNames(cluster, world)).toHaveLength(1);
    await expect
      .poll(async () => (await cluster.get(resourceQuotas, quota))?.status?.used, patience)
      .toEqual({ 'requests.nvidia.com/gpu': '2' });
  });

  test('a restricted namespace takes a pod that gives up all rights, and no other', async () => {
    const { cluster } = connect();
    await using world = await createWorld(cluster);
    const { namespace } = world;
    const labels = { 'pod-security.kubernetes.io/enforce': 'restricted' };
    await cluster.apply(namespaces, { metadata: { name: namespace, labels } });
    await cluster.apply(statefulSets, statefulSet(world, 'root', 1));
    await expect
      .poll(() => messages(cluster, world, 'FailedCreate'), patience)
      .toContainEqual(
        expect.stringMatching(
          /violates PodSecurity "restricted:latest": allowPrivilegeEscalation != false .*seccompProfile/,
        ),
      );
    const intent = statefulSet(world, 'user', 1);
    const spec = intent.spec?.template.spec;
    if (spec) {
      spec.securityContext = { runAsNonRoot: true, seccompProfile: { type: 'RuntimeDefault' } };
      for (const container of spec.containers) {
        container.securityContext = { allowPrivilegeEscalation: false, capabilities: { drop: ['ALL'] } };
      }
    }
    await cluster.apply(statefulSets, intent);
    await untilReady(cluster, world, 'user-0');
    expect(await podNames(cluster, world)).toEqual(['user-0']);
  });

  test('a deployment has its replicas ready, and replaces them when its template changes', async () => {
    const { cluster } = connect();
    await using world = await createWorld(cluster);
    await cluster.apply(deployments, deployment(world, 'web', 2));
    const status = async () =>
      (await cluster.get(deployments, { namespace: world.namespace, name: 'web' }))?.status;
    await expect.poll(status, patience).toMatchObject({ replicas: 2, readyReplicas: 2, updatedReplicas: 2 });
    const before = await podNames(cluster, world);
    await cluster.apply(deployments, deployment(world, 'web', 2, { labels: { version: '2' } }));
    await expect
      .poll(status, patience)
      .toMatchObject({ observedGeneration: 2, readyReplicas: 2, updatedReplicas: 2, replicas: 2 });
    await expect
      .poll(async () => (await podNames(cluster, world)).filter((name) => before.includes(name)), patience)
      .toEqual([]);
  });

  test('a job runs its pods to their end, and then is complete', async () => {
    const { cluster } = connect();
    await using world = await createWorld(cluster);
    await cluster.apply(
      jobs,
      job(world, 'train', { completions: 2, parallelism: 2, completionMode: 'Indexed' }),
    );
    const read = () => cluster.get(jobs, { namespace: world.namespace, name: 'train' });
    await expect.poll(async () => (await read())?.status?.succeeded, patience).toBe(2);
    await expect
      .poll(async () => (await read())?.status, patience)
      .toMatchObject({
        completedIndexes: '0,1',
        conditions: expect.arrayContaining([expect.objectContaining({ type: 'Complete', status: 'True' })]),
      });
    const ended = await cluster.list(pods, {
      namespace: world.namespace,
      labelSelector: 'batch.kubernetes.io/job-name=train',
    });
    expect(ended.items.map(({ status }) => status?.phase)).toEqual(['Succeeded', 'Succeeded']);
    const indexes = ended.items.map(
      ({ metadata }) => metadata.labels?.['batch.kubernetes.io/job-completion-index'],
    );
    expect(indexes.toSorted((a = '', b = '') => a.localeCompare(b))).toEqual(['0', '1']);
  });

  test('a job whose pods fail ends as failed', async () => {
    const { cluster } = connect();
    await using world = await createWorld(cluster);
    const labels = { 'pod-container-running-failed.stage.kwok.x-k8s.io': 'true' };
    await cluster.apply(
      jobs,
      job(world, 'crash', { backoffLimit: 0 }, { labels, annotations: completeAfter('60s') }),
    );
    await expect
      .poll(
        async () => (await cluster.get(jobs, { namespace: world.namespace, name: 'crash' }))?.status,
        patience,
      )
      .toMatchObject({
        failed: 1,
        conditions: expect.arrayContaining([
          expect.objectContaining({ type: 'Failed', reason: 'BackoffLimitExceeded' }),
        ]),
      });
  });

  test('a job that is over its deadline ends as failed and its pods go', async () => {
    const { cluster } = connect();
    await using world = await createWorld(cluster);
    await cluster.apply(
      jobs,
      job(world, 'slow', { activeDeadlineSeconds: 2 }, { annotations: completeAfter('60s') }),
    );
    await expect
      .poll(
        async () => (await cluster.get(jobs, { namespace: world.namespace, name: 'slow' }))?.status,
        patience,
      )
      .toMatchObject({
        conditions: expect.arrayContaining([
          expect.objectContaining({ type: 'Failed', reason: 'DeadlineExceeded' }),
        ]),
      });
    await expect.poll(() => podNames(cluster, world), patience).toEqual([]);
  });

  test('deleted in the foreground, an object stays visible until what it owns is gone', async () => {
    const { cluster } = connect();
    await using world = await createWorld(cluster);
    await cluster.apply(statefulSets, statefulSet(world, 'lab', 1));
    await untilReady(cluster, world, 'lab-0');
    const ref = { namespace: world.namespace, name: 'lab' };
    expect(await cluster.delete(statefulSets, ref, { propagation: 'Foreground' })).toBe(true);
    const deleted = await cluster.get(statefulSets, ref);
    expect(deleted?.metadata).toMatchObject({
      deletionTimestamp: expect.any(String),
      finalizers: ['foregroundDeletion'],
    });
    await expect.poll(() => cluster.get(statefulSets, ref), patience).toBeNull();
    expect(await podNames(cluster, world)).toEqual([]);
  });

  test('what an object owns goes with it', async () => {
    const { cluster } = connect();
    await using world = await createWorld(cluster);
    const { namespace } = world;
    const owner = await cluster.apply(statefulSets, statefulSet(world, 'lab', 0));
    await cluster.apply(services, {
      metadata: {
        name: 'lab-http',
        namespace,
        ownerReferences: [
          { apiVersion: 'apps/v1', kind: 'StatefulSet', name: 'lab', uid: owner.metadata.uid },
        ],
      },
      spec: { selector: { app: 'lab' }, ports: [{ port: 80 }] },
    });
    await cluster.delete(statefulSets, { namespace, name: 'lab' });
    await expect.poll(() => cluster.get(services, { namespace, name: 'lab-http' }), patience).toBeNull();
  });
}

async function untilReady(cluster: Cluster, { namespace }: World, name: string): Promise<Pod> {
  const found: Pod[] = [];
  await expect
    .poll(async () => {
      const pod = await cluster.get(pods, { namespace, name });
      if (pod) found.push(pod);
      return pod !== null && isReady(pod) && !pod.metadata.deletionTimestamp;
    }, patience)
    .toBe(true);
  const pod = found.at(-1);
  if (!pod) throw new Error(`${name} was ready and is gone`);
  return pod;
}

const podNames = async (cluster: Cluster, { namespace }: World) =>
  (await cluster.list(pods, { namespace })).items.map(({ metadata }) => metadata.name);

const readyReplicas = async (cluster: Cluster, { namespace }: World, name: string) =>
  (await cluster.get(statefulSets, { namespace, name }))?.status?.readyReplicas;

async function whyWaiting(cluster: Cluster, { namespace }: World, name: string): Promise<string> {
  const pod = await cluster.get(pods, { namespace, name });
  const scheduled = pod?.status?.conditions?.find(({ type }) => type === 'PodScheduled');
  return scheduled?.status === 'False' ? (scheduled.message ?? '') : '';
}

const messages = async (cluster: Cluster, { namespace }: World, reason: string) =>
  (await cluster.list(events, { namespace })).items
    .filter((event) => event.reason === reason)
    .map(({ message }) => message);
