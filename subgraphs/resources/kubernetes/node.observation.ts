import type { ObservedDevice, ObservedNode } from '../../../contracts/resources.events.js';
import type { Node } from '../../../platform/kubernetes/kinds.js';
import { type DeviceGroup, devicesOf } from './node.devices.js';
import type { NodesHealth } from './jobEnding.js';

/**
 * A node as its own labels and status describe it, never from a list; null for a node whose GPUs, if it has any, the
 * catalogue does not know. The device's UUID is not on the node: the exporter tells it.
 */
export function observeNode(node: Node): ObservedNode | null {
  const { metadata, spec, status } = node;
  const groups = devicesOf(node);
  if (groups.length === 0) return null;
  const ready = isReady(node);
  const toDevices = ({ gpuModelId, firstIndex, count, memoryMiB }: DeviceGroup) =>
    Array.from({ length: count }, (_, order): ObservedDevice => {
      const health = ready ? 'HEALTHY' : 'UNKNOWN';
      return { index: firstIndex + order, gpuModelId, uuid: null, memoryMiB, health };
    });
  return {
    name: metadata.name,
    zone: metadata.labels?.['topology.kubernetes.io/zone'] ?? null,
    cpuMillis: parseCpu(status?.allocatable?.['cpu'] ?? '0'),
    memoryMiB: parseMemory(status?.allocatable?.['memory'] ?? '0'),
    ready,
    unschedulable: spec?.unschedulable === true,
    devices: groups.flatMap(toDevices),
  };
}

/** Whether the cluster says that a node can run pods. */
const isReady = ({ status }: Node): boolean =>
  status?.conditions?.some(({ type, status: is }) => type === 'Ready' && is === 'True') ?? false;

/** How the worst of the named nodes is. A cluster that shows no node at all is not believed. */
export function healthOf(seen: ReadonlyMap<string, Node>, names: readonly string[]): NodesHealth {
  const named = names.map((name) => seen.get(name));
  if (seen.size > 0 && named.includes(undefined)) return 'GONE';
  return named.every((node) => node && isReady(node)) ? 'SOUND' : 'UNSOUND';
}

const BYTES: Readonly<Record<string, number>> = {
  '': 1,
  k: 1e3,
  M: 1e6,
  G: 1e9,
  T: 1e12,
  Ki: 2 ** 10,
  Mi: 2 ** 20,
  Gi: 2 ** 30,
  Ti: 2 ** 40,
};

/** A Kubernetes CPU quantity (`500m`, `4`) in thousandths of a core. */
export const parseCpu = (quantity: string): number =>
  quantity.endsWith('m') ? Number(quantity.slice(0, -1)) : Math.round(Number(quantity) * 1000);

/** A Kubernetes memory quantity (`512Gi`, `1000M`) in whole MiB. */
export function parseMemory(quantity: string): number {
  const [, amount = '0', unit = ''] = /^(\d+(?:\.\d+)?)([A-Za-z]*)$/.exec(quantity) ?? [];
  return Math.floor((Number(amount) * (BYTES[unit] ?? 0)) / 2 ** 20);
}
