import type { Node } from '../../platform/kubernetes/kinds.js';

/** A machine with equal GPUs, as the GPU operator describes it to Kubernetes. */
export type GpuNode = {
  name: string;
  zone: string;
  /** The label values of GPU feature discovery. */
  gpu: {
    product: string;
    memoryMiB: number;
    family: string;
    computeMajor: number;
    computeMinor: number;
    migCapable: boolean;
  };
  gpus: number;
  cpus: number;
  memoryGiB: number;
};

export const demoClusterName = 'eu-1';

const h100 = {
  product: 'NVIDIA-H100-80GB-HBM3',
  memoryMiB: 81_559,
  family: 'hopper',
  computeMajor: 9,
  computeMinor: 0,
  migCapable: true,
};
const a100 = {
  product: 'NVIDIA-A100-SXM4-80GB',
  memoryMiB: 81_920,
  family: 'ampere',
  computeMajor: 8,
  computeMinor: 0,
  migCapable: true,
};
const l40s = {
  product: 'NVIDIA-L40S',
  memoryMiB: 46_068,
  family: 'ada-lovelace',
  computeMajor: 8,
  computeMinor: 9,
  migCapable: false,
};

/** The machines of the demo cluster: 40 GPUs in two zones. */
export const demoNodes: readonly GpuNode[] = [
  { name: 'h100-1', zone: 'eu-1a', gpu: h100, gpus: 8, cpus: 192, memoryGiB: 2048 },
  { name: 'h100-2', zone: 'eu-1b', gpu: h100, gpus: 8, cpus: 192, memoryGiB: 2048 },
  { name: 'a100-1', zone: 'eu-1a', gpu: a100, gpus: 8, cpus: 128, memoryGiB: 1024 },
  { name: 'a100-2', zone: 'eu-1b', gpu: a100, gpus: 8, cpus: 128, memoryGiB: 1024 },
  { name: 'l40s-1', zone: 'eu-1a', gpu: l40s, gpus: 8, cpus: 128, memoryGiB: 1024 },
];

/** Pods need a toleration of this taint to run on a GPU node. */
export const gpuTaint = { key: 'nvidia.com/gpu', value: 'present', effect: 'NoSchedule' };

/** The Node object of a simulated machine: KWOK answers for it on a real control plane, our kubelets in the embedded one. */
export function toNode({ name, zone, gpu, gpus, cpus, memoryGiB }: GpuNode) {
  const amounts = {
    cpu: String(cpus),
    memory: `${memoryGiB}Gi`,
    pods: '110',
    'ephemeral-storage': '7000Gi',
    'nvidia.com/gpu': String(gpus),
  };
  return {
    metadata: {
      name,
      annotations: { 'kwok.x-k8s.io/node': 'fake' },
      labels: {
        'kubernetes.io/hostname': name,
        'kubernetes.io/arch': 'amd64',
        'kubernetes.io/os': 'linux',
        'topology.kubernetes.io/region': demoClusterName,
        'topology.kubernetes.io/zone': zone,
        'nvidia.com/gpu.present': 'true',
        'nvidia.com/gpu.product': gpu.product,
        'nvidia.com/gpu.memory': String(gpu.memoryMiB),
        'nvidia.com/gpu.count': String(gpus),
        'nvidia.com/gpu.family': gpu.family,
        'nvidia.com/gpu.compute.major': String(gpu.computeMajor),
        'nvidia.com/gpu.compute.minor': String(gpu.computeMinor),
        'nvidia.com/gpu.replicas': '1',
        'nvidia.com/gpu.sharing-strategy': 'none',
        'nvidia.com/mig.capable': String(gpu.migCapable),
        'nvidia.com/mig.strategy': 'single',
      },
    },
    spec: { taints: [gpuTaint] },
    status: { allocatable: amounts, capacity: amounts },
  } satisfies Partial<Record<keyof Node, unknown>>;
}
