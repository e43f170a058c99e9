import type { NodeEvent, ObservedDevice, ObservedNode } from '../../../contracts/resources.events.js';
import { illegalTransition } from '../../../platform/errors.js';
import type { Recorded } from '../../../platform/eventStore/event.js';

/** A device that a node has, or once had. */
export type Device = ObservedDevice & { present: boolean };

/** A machine of a cluster, with its GPUs. */
export type NodeState = {
  clusterId: string;
  name: string;
  zone: string | null;
  cpuMillis: number;
  memoryMiB: number;
  ready: boolean;
  unschedulable: boolean;
  /** An operator wants no new pods there. */
  cordoned: boolean;
  cordonReason: string | null;
  /** The cluster does not list it any more. */
  lost: boolean;
  /** In the order of their index. */
  devices: Device[];
  observedAt: string;
};

export const nodeIdOf = (clusterId: string, name: string): string => `${clusterId}/${name}`;
export const gpuIdOf = (nodeId: string, index: number): string => `${nodeId}/${index}`;

/** Whether new pods may go there. */
export const takesPods = ({ ready, unschedulable, cordoned, lost }: NodeState): boolean =>
  ready && !unschedulable && !cordoned && !lost;

/** What the cluster says of a node; the same as before makes no event. */
export function decideObserveNode(
  id: string,
  clusterId: string,
  observed: ObservedNode,
  state: NodeState | null,
): NodeEvent[] {
  if (!state) return [{ type: 'NodeDiscovered', data: { id, clusterId, observed } }];
  const complete = withKnownUuids(observed, state);
  const same = !state.lost && JSON.stringify(observationOf(state)) === JSON.stringify(tidy(complete));
  return same ? [] : [{ type: 'NodeChanged', data: { observed: complete } }];
}

/** Who does not know the id of a device does not say that it is another one. */
function withKnownUuids(observed: ObservedNode, { devices }: NodeState): ObservedNode {
  const known = new Map(devices.map((device) => [device.index, device]));
  const complete = (device: ObservedDevice): ObservedDevice => {
    const before = known.get(device.index);
    const isOther = before?.gpuModelId !== device.gpuModelId;
    return device.uuid !== null || isOther ? device : { ...device, uuid: before.uuid };
  };
  return { ...observed, devices: observed.devices.map(complete) };
}

export const decideLoseNode = (state: NodeState): NodeEvent[] =>
  state.lost ? [] : [{ type: 'NodeLost', data: {} }];

export function decideCordon(id: string, state: NodeState, reason: string | null): NodeEvent[] {
  if (state.cordoned) throw illegalTransition({ id, state: 'CORDONED' }, ['uncordonNode']);
  return [{ type: 'NodeCordoned', data: { reason } }];
}

export function decideUncordon(id: string, state: NodeState): NodeEvent[] {
  if (!state.cordoned) throw illegalTransition({ id, state: 'OPEN' }, ['cordonNode']);
  return [{ type: 'NodeUncordoned', data: {} }];
}

export function evolveNode(before: NodeState | null, event: Recorded<NodeEvent>): NodeState {
  const observedAt = event.occurredAt;
  if (event.type === 'NodeDiscovered') {
    const { clusterId, observed } = event.data;
    const devices = devicesAfter([], observed.devices);
    const open = { cordoned: false, cordonReason: null, lost: false };
    return { ...tidy(observed), clusterId, ...open, devices, observedAt };
  }
  if (!before) throw new Error(`${event.type} of a node that was never discovered`);
  switch (event.type) {
    case 'NodeChanged': {
      const { observed } = event.data;
      const devices = devicesAfter(before.devices, observed.devices);
      return { ...before, ...tidy(observed), lost: false, devices, observedAt };
    }
    case 'NodeLost':
      return { ...before, lost: true, ready: false, observedAt };
    case 'NodeCordoned':
      return { ...before, cordoned: true, cordonReason: event.data.reason };
    case 'NodeUncordoned':
      return { ...before, cordoned: false, cordonReason: null };
  }
}

/** Devices that are not seen any more stay, as absent: allocations of the past name them. */
function devicesAfter(before: readonly Device[], observed: readonly ObservedDevice[]): Device[] {
  const seen = new Set(observed.map(({ index }) => index));
  const absent = before
    .filter(({ index }) => !seen.has(index))
    .map((device) => ({ ...device, present: false }));
  return [...absent, ...observed.map((device) => ({ ...device, present: true }))].sort(byIndex);
}

const byIndex = (one: ObservedDevice, other: ObservedDevice) => one.index - other.index;

/** With its fields and devices in a fixed order, so that equal observations have equal text. */
function tidy(observed: ObservedNode): ObservedNode {
  const { name, zone, cpuMillis, memoryMiB, ready, unschedulable, devices } = observed;
  const inOrder = devices.map(deviceAsObserved).sort(byIndex);
  return { name, zone, cpuMillis, memoryMiB, ready, unschedulable, devices: inOrder };
}

function deviceAsObserved({ index, gpuModelId, uuid, memoryMiB, health }: ObservedDevice): ObservedDevice {
  return { index, gpuModelId, uuid, memoryMiB, health };
}

const observationOf = (state: NodeState): ObservedNode =>
  tidy({ ...state, devices: state.devices.filter(({ present }) => present) });
