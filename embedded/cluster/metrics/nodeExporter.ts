import { createHash } from 'node:crypto';
import { assignDevices, type DeviceSlots } from './deviceSlots.js';
import { type ExportedGpu, exporterText } from './exporterText.js';
import { readGpu, traitsOf } from './gpuLoad.js';
import { nodes, pods } from '../resources.js';
import type { Registry } from '../api/registry.js';
import type { Node, Pod } from '../../../platform/kubernetes/kinds.js';

/** How many GPUs a node says that it has. */
export const gpusOf = ({ status }: Node): number => Number(status?.allocatable?.['nvidia.com/gpu'] ?? 0);

/**
 * What the exporter of one node answers now. It follows the pods that the node has at that moment; energy counts from
 * the first reading on.
 */
export function createNodeExporter(registry: Registry, nodeName: string): () => string {
  let slots: DeviceSlots = [];
  let readAtMs = registry.now().getTime();
  const energyMj: number[] = [];

  return () => {
    const node = registry.find(nodes, undefined, nodeName);
    if (!node) return exporterText([]);
    const nowMs = registry.now().getTime();
    const elapsedMs = nowMs - readAtMs;
    readAtMs = nowMs;
    const own = registry.list(pods).filter(({ spec }) => spec?.nodeName === nodeName);
    slots = assignDevices(slots, own, gpusOf(node));
    const gpus = slots.map((pod, index) => readDevice(node, index, pod, nowMs));
    return exporterText(
      gpus.map((gpu, index) => {
        energyMj[index] = (energyMj[index] ?? 0) + gpu.reading.powerW * elapsedMs;
        return { ...gpu, energyMj: energyMj[index] };
      }),
    );
  };
}

function readDevice({ metadata }: Node, index: number, pod: Pod | null, nowMs: number): ExportedGpu {
  const labels = metadata.labels ?? {};
  const traits = traitsOf(labels['nvidia.com/gpu.family']);
  const memoryMiB = Number(labels['nvidia.com/gpu.memory'] ?? 0);
  const uuid = uuidOf(`${metadata.name}/${index}`);
  const startedMs = Date.parse(pod?.status?.startTime ?? '');
  const work =
    pod?.status?.phase === 'Running' && !Number.isNaN(startedMs)
      ? { seed: `${pod.metadata.name} ${index}`, runningMs: Math.max(0, nowMs - startedMs) }
      : null;
  return {
    index,
    uuid,
    model: (labels['nvidia.com/gpu.product'] ?? '').replaceAll('-', ' '),
    host: metadata.name,
    memoryMiB,
    memoryClockMhz: traits.memoryClockMhz,
    energyMj: 0,
    pod: pod && {
      name: pod.metadata.name,
      namespace: pod.metadata.namespace ?? '',
      container: pod.spec?.containers[0]?.name ?? '',
    },
    reading: readGpu(traits, memoryMiB, work, { id: uuid, nowMs }),
  };
}

/** The same device has the same id for ever. */
function uuidOf(text: string): string {
  const hex = createHash('sha256').update(text).digest('hex');
  const parts = [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20, 32)];
  return `GPU-${parts.join('-')}`;
}
