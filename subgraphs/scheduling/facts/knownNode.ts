import type { NodeRoom } from '../../../contracts/gang.js';
import type { NodeEvent, ObservedDevice, ObservedNode } from '../../../contracts/resources.events.js';

export type KnownDevice = Pick<ObservedDevice, 'index' | 'gpuModelId' | 'health'>;

/** What the queue needs to know of a node: its devices, and whether new pods may go there. */
export type KnownNode = {
  clusterId: string;
  ready: boolean;
  unschedulable: boolean;
  cordoned: boolean;
  lost: boolean;
  devices: KnownDevice[];
};

/** A node after what resources said of it. The same event again changes nothing. */
export function knownNodeAfter(before: KnownNode | null, event: NodeEvent): KnownNode {
  if (event.type === 'NodeDiscovered') {
    const { clusterId, observed } = event.data;
    return { clusterId, cordoned: false, lost: false, ...seen(observed) };
  }
  if (!before) throw new Error(`${event.type} of a node that was never discovered`);
  switch (event.type) {
    case 'NodeChanged':
      return { ...before, lost: false, ...seen(event.data.observed) };
    case 'NodeLost':
      return { ...before, lost: true };
    case 'NodeCordoned':
      return { ...before, cordoned: true };
    case 'NodeUncordoned':
      return { ...before, cordoned: false };
  }
}

function seen({ ready, unschedulable, devices }: ObservedNode) {
  const known = devices.map(({ index, gpuModelId, health }) => ({ index, gpuModelId, health }));
  return { ready, unschedulable, devices: known };
}

export const modelsOf = ({ devices }: KnownNode): string[] => [
  ...new Set(devices.map(({ gpuModelId }) => gpuModelId)),
];

/** What the node has of a model. `free` counts what its cluster would give if it can be reached. */
export function roomOf(
  nodeId: string,
  { clusterId, devices, lost, ...node }: KnownNode,
  gpuModelId: string,
  isTaken: (gpuId: string) => boolean,
): NodeRoom {
  const own = lost ? [] : devices.filter((device) => device.gpuModelId === gpuModelId);
  const takesPods = node.ready && !node.unschedulable && !node.cordoned;
  const free = own.filter(({ index, health }) => health !== 'FAILURE' && !isTaken(`${nodeId}/${index}`));
  return { nodeId, clusterId, present: own.length, free: takesPods ? free.length : 0 };
}
