import { type NodeRoom, placeGang } from '../../../contracts/gang.js';
import type { PodShare } from '../../../contracts/resources.events.js';

/** Where the pods of a workload go: all of them in one cluster. */
export type Layout = { clusterId: string; shares: PodShare[] };

/** One pod on each node that the job's devices are taken from. */
export function layGang(count: number, nodes: readonly NodeRoom[]): Layout | null {
  const place = placeGang(count, nodes);
  if (!place) return null;
  const { clusterId, nodeIds, perNode: gpusPerPod } = place;
  return { clusterId, shares: nodeIds.map((nodeId) => ({ nodeId, pods: 1, gpusPerPod })) };
}

/**
 * Equal pods, each with its devices on one node, all of them or none: on one node if one has room for all, the fullest
 * such; else on as few nodes of one cluster as possible. Null if there is too little room.
 */
export function layPods(pods: number, gpusPerPod: number, nodes: readonly NodeRoom[]): Layout | null {
  for (const clusterId of [...new Set(nodes.map((node) => node.clusterId))].sort()) {
    const own = nodes.filter((node) => node.clusterId === clusterId);
    const shares = sharesOn(own, pods, gpusPerPod);
    if (shares) return { clusterId, shares };
  }
  return null;
}

function sharesOn(nodes: readonly NodeRoom[], pods: number, gpusPerPod: number): PodShare[] | null {
  const roomOn = ({ free }: NodeRoom) => Math.floor(free / gpusPerPod);
  const fullestFirst = nodes.toSorted((a, b) => a.free - b.free || (a.nodeId < b.nodeId ? -1 : 1));
  const alone = fullestFirst.find((node) => roomOn(node) >= pods);
  if (alone) return [{ nodeId: alone.nodeId, pods, gpusPerPod }];
  const shares: PodShare[] = [];
  let left = pods;
  for (const node of fullestFirst.toReversed()) {
    const here = Math.min(left, roomOn(node));
    if (here > 0) shares.push({ nodeId: node.nodeId, pods: here, gpusPerPod });
    left -= here;
  }
  return left === 0 ? shares : null;
}
