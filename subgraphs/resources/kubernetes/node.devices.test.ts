import { expect, test } from 'vitest';
import type { Node } from '../../../platform/kubernetes/kinds.js';
import type { DesiredInstance } from './desired.js';
import { statefulSetOf } from './instance.manifests.js';
import { gpuResourceOn } from './node.devices.js';
import { observeNode } from './node.observation.js';

const A100 = 'NVIDIA-A100-SXM4-80GB';

/** A node as GPU feature discovery labels it and the device plugin fills it. */
const nodeWith = (
  product: string,
  allocatable: Record<string, string>,
  labels: Record<string, string> = {},
): Node => ({
  apiVersion: 'v1',
  kind: 'Node',
  metadata: {
    name: 'gpu-1',
    uid: 'u',
    resourceVersion: '2',
    labels: { 'nvidia.com/gpu.product': product, ...labels },
  },
  status: { allocatable: { cpu: '8', memory: '64Gi', ...allocatable } },
});

const devicesSeen = (node: Node) =>
  observeNode(node)?.devices.map(({ index, gpuModelId, memoryMiB }) => [index, gpuModelId, memoryMiB]) ?? [];

test('whole devices are counted by the node, and measured by its label', () => {
  const node = nodeWith(A100, { 'nvidia.com/gpu': '2' }, { 'nvidia.com/gpu.memory': '81920' });
  expect(devicesSeen(node)).toEqual([
    [0, 'a100-sxm4-80gb', 81_920],
    [1, 'a100-sxm4-80gb', 81_920],
  ]);
});

test('slices that a node offers as GPUs are no whole devices', () => {
  const labels = { 'nvidia.com/mig.strategy': 'single', 'nvidia.com/gpu.memory': '40192' };
  const node = nodeWith(`${A100}-MIG-3g.40gb`, { 'nvidia.com/gpu': '2' }, labels);
  expect(devicesSeen(node)).toEqual([
    [0, 'a100-sxm4-80gb-mig-3g.40gb', 40_192],
    [1, 'a100-sxm4-80gb-mig-3g.40gb', 40_192],
  ]);
});

test('slices that a node offers beside whole devices are devices of their own, and keep their indexes', () => {
  const labels = { 'nvidia.com/mig.strategy': 'mixed', 'nvidia.com/mig-1g.10gb.memory': '9728' };
  const slices = {
    'nvidia.com/mig-1g.10gb': '2',
    'nvidia.com/mig-1g.10gb.me': '1',
    'nvidia.com/mig-9g': '4',
  };
  expect(devicesSeen(nodeWith(A100, { 'nvidia.com/gpu': '1', ...slices }, labels))).toEqual([
    [0, 'a100-sxm4-80gb', null],
    [100, 'a100-sxm4-80gb-mig-1g.10gb', 9_728],
    [101, 'a100-sxm4-80gb-mig-1g.10gb', 9_728],
    [200, 'a100-sxm4-80gb-mig-1g.10gb.me', null],
  ]);
  expect(devicesSeen(nodeWith(A100, { 'nvidia.com/gpu': '0', ...slices }))[0]?.[0]).toBe(100);
});

test('devices that are shared between pods, or of which nothing is known, are not given to anybody', () => {
  const shared = { 'nvidia.com/gpu.replicas': '4' };
  expect(observeNode(nodeWith(`${A100}-SHARED`, { 'nvidia.com/gpu': '8' }, shared))).toBeNull();
  expect(observeNode(nodeWith('GeForce-256', { 'nvidia.com/gpu': '8' }))).toBeNull();
});

test('a pod asks for the resource under which its node offers what it was given', () => {
  const nodes = new Map([
    ['whole', nodeWith(A100, {})],
    ['single', nodeWith(`${A100}-MIG-1g.10gb`, {})],
    ['mixed', nodeWith(A100, {}, { 'nvidia.com/mig.strategy': 'mixed' })],
  ]);
  const asksFor = (nodeName: string, gpuModelId: string) => {
    const gpu = { modelIn: [gpuModelId], count: 2 };
    const instance = { ...INSTANCE, nodeName, gpuModelId, spec: { ...INSTANCE.spec, gpu } };
    const { template } = statefulSetOf(instance, gpuResourceOn(nodes)).spec ?? {};
    return template?.spec?.containers[0]?.resources?.limits;
  };
  expect(asksFor('whole', 'a100-sxm4-80gb')).toEqual({ 'nvidia.com/gpu': '2' });
  expect(asksFor('single', 'a100-sxm4-80gb-mig-1g.10gb')).toEqual({ 'nvidia.com/gpu': '2' });
  expect(asksFor('mixed', 'a100-sxm4-80gb-mig-1g.10gb')).toEqual({ 'nvidia.com/mig-1g.10gb': '2' });
});

const INSTANCE: DesiredInstance = {
  id: 'instance_1',
  projectId: 'project_1',
  projectKey: 'vision',
  presence: 'RUNNING',
  gpuModelId: null,
  nodeName: null,
  spec: {
    image: 'notebook',
    gpu: { modelIn: [], count: 0 },
    cpuMillis: null,
    memoryMiB: null,
    ports: [],
    env: [],
    secretRefs: [],
    labels: [],
    annotations: [],
  },
};
