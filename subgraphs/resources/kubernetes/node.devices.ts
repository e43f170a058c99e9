import { gpuModelOfProduct } from '../../../contracts/gpuCatalogue.js';
import { inLabels, sliceId, sliceOf } from '../../../contracts/gpuSlices.js';
import type { Node } from '../../../platform/kubernetes/kinds.js';
import { GPU } from './podParts.js';

/** Some equal devices of a node, counted on from `firstIndex`. */
export type DeviceGroup = {
  gpuModelId: string;
  firstIndex: number;
  count: number;
  memoryMiB: number | null;
};

/** So many indexes are left for the devices of one kind; slices of a node's next profile begin behind them. */
const INDEXES = 100;

/**
 * The devices that a node offers to pods, by the labels of GPU feature discovery and the resources of the device plugin:
 * whole ones, and slices by either strategy of MIG (`single` offers them as GPUs, `mixed` by resources of their own).
 * None that are offered to several pods at once, and none that the catalogue does not know.
 */
export function devicesOf({ metadata: { labels = {} }, status }: Node): DeviceGroup[] {
  const model = gpuModelOfProduct(labels['nvidia.com/gpu.product'] ?? '');
  if (!model || Number(labels['nvidia.com/gpu.replicas'] ?? 1) > 1) return [];
  const group = (gpuModelId: string, firstIndex: number, resource: string, memory: string): DeviceGroup => ({
    gpuModelId,
    firstIndex,
    count: Number(status?.allocatable?.[resource] ?? 0),
    memoryMiB: labels[memory] === undefined ? null : Number(labels[memory]),
  });
  const slices = model.migProfiles.map((profile, order) => {
    const resource = `nvidia.com/mig-${inLabels(profile)}`;
    return group(sliceId(model, profile), (order + 1) * INDEXES, resource, `${resource}.memory`);
  });
  return [group(model.id, 0, GPU, 'nvidia.com/gpu.memory'), ...slices].filter(({ count }) => count > 0);
}

/** By which resource pods on a node ask for devices of a model. Nulls are what is not known. */
export type GpuResource = (gpuModelId: string | null, nodeName: string | null) => string;

/** As the nodes offer it. One that is not seen is taken for one that offers slices by resources of their own. */
export const gpuResourceOn =
  (nodes: ReadonlyMap<string, Node>): GpuResource =>
  (gpuModelId, nodeName) => {
    const slice = gpuModelId === null ? null : sliceOf(gpuModelId);
    const offered = nodes.get(nodeName ?? '')?.metadata.labels?.['nvidia.com/gpu.product'] ?? '';
    const isOfferedAsGpu = slice === null || gpuModelOfProduct(offered)?.id === gpuModelId;
    return isOfferedAsGpu ? GPU : `nvidia.com/mig-${slice}`;
  };
