import { randomBytes } from 'node:crypto';
import { expect } from 'vitest';
import { toNode } from '../../../embedded/cluster/demoNodes.js';
import { namespaces, nodes } from '../../../platform/kubernetes/kinds.js';
import type { Cluster, Intent } from '../../../platform/kubernetes/cluster.port.js';
import type { Deployment, Job, Pod, StatefulSet } from '../../../platform/kubernetes/kinds.js';

/** Real controllers back off for seconds after a refusal. */
export const patience = { timeout: 40_000, interval: 50 };

const machine = {
  zone: 'eu-1a',
  gpu: {
    product: 'NVIDIA-H100-80GB-HBM3',
    memoryMiB: 81_559,
    family: 'hopper',
    computeMajor: 9,
    computeMinor: 0,
    migCapable: true,
  },
  gpus: 8,
  cpus: 192,
  memoryGiB: 2048,
};

/** A namespace and a node with 8 GPUs for one test alone, gone when it ends. */
export async function createWorld(cluster: Cluster) {
  const id = `c${randomBytes(4).toString('hex')}`;
  const world = { namespace: id, node: `node-${id}` };
  await cluster.create(namespaces, { metadata: { name: id } });
  await cluster.create(nodes, toNode({ ...machine, name: world.node }));
  await expect
    .poll(async () => {
      const node = await cluster.get(nodes, { name: world.node });
      const isReady = node?.status?.conditions?.some(
        ({ type, status }) => type === 'Ready' && status === 'True',
      );
      return isReady && !node?.spec?.taints?.some(({ key }) => key === 'node.kubernetes.io/not-ready');
    }, patience)
    .toBe(true);
  return {
    ...world,
    async [Symbol.asyncDispose]() {
      await cluster.delete(namespaces, { name: id });
      await cluster.delete(nodes, { name: world.node });
    },
  };
}

export type World = Awaited<ReturnType<typeof createWorld>>;

/** Annotations that make simulated pods quick everywhere. */
const quick = Object.fromEntries(
  ['pod-create', 'pod-ready', 'pod-delete'].flatMap((stage) => [
    [`${stage}.stage.kwok.x-k8s.io/delay`, '50ms'],
    [`${stage}.stage.kwok.x-k8s.io/jitter-delay`, '100ms'],
  ]),
);

export const completeAfter = (delay: string) => ({
  'pod-complete.stage.kwok.x-k8s.io/delay': delay,
  'pod-complete.stage.kwok.x-k8s.io/jitter-delay': delay,
});

type PodOptions = { gpus?: number; annotations?: Record<string, string>; labels?: Record<string, string> };

/** A pod for the world's node. */
export function podTemplate(
  { node }: World,
  app: string,
  { gpus = 1, annotations, labels }: PodOptions = {},
) {
  return {
    metadata: { labels: { app, ...labels }, annotations: { ...quick, ...annotations } },
    spec: {
      nodeSelector: { 'kubernetes.io/hostname': node },
      tolerations: [{ key: 'nvidia.com/gpu', operator: 'Exists' }],
      terminationGracePeriodSeconds: 1,
      containers: [
        {
          name: 'main',
          image: 'registry.example/notebook:1',
          ...(gpus > 0 && { resources: { limits: { 'nvidia.com/gpu': String(gpus) } } }),
        },
      ],
    },
  } satisfies { metadata: object; spec: Pod['spec'] };
}

export const statefulSet = (
  world: World,
  name: string,
  replicas: number,
  options: PodOptions = {},
): Intent<StatefulSet> => ({
  metadata: { name, namespace: world.namespace, labels: { app: name } },
  spec: {
    replicas,
    serviceName: name,
    selector: { matchLabels: { app: name } },
    template: podTemplate(world, name, options),
    volumeClaimTemplates: [
      {
        metadata: { name: 'work' },
        spec: { accessModes: ['ReadWriteOnce'], resources: { requests: { storage: '10Gi' } } },
      },
    ],
  },
});

export const deployment = (
  world: World,
  name: string,
  replicas: number,
  options: PodOptions = {},
): Intent<Deployment> => ({
  metadata: { name, namespace: world.namespace },
  spec: { replicas, selector: { matchLabels: { app: name } }, template: podTemplate(world, name, options) },
});

export function job(
  world: World,
  name: string,
  spec: Partial<NonNullable<Job['spec']>>,
  options: PodOptions = {},
): Intent<Job> {
  const template = podTemplate(world, name, { annotations: completeAfter('300ms'), ...options });
  return {
    metadata: { name, namespace: world.namespace },
    spec: { ...spec, template: { ...template, spec: { ...template.spec, restartPolicy: 'Never' } } },
  };
}

export const isReady = (pod: Pod) =>
  pod.status?.conditions?.some(({ type, status }) => type === 'Ready' && status === 'True') ?? false;
