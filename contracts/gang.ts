import type { PodShare } from './resources.events.js';

/** What a node has to give of one model. Asked of free devices it says what fits now, of all devices what ever could. */
export type NodeRoom = { nodeId: string; free: number };

/**
 * Where the `count` devices of a job come from, all of them or none: one node if one has enough, the tightest; else equal
 * shares of as few nodes as possible, a pod on each. Null if the nodes cannot give them so. Whoever plans, queues or
 * places a job asks here, so that nobody reserves what cannot be placed.
 */
export function shareOut(count: number, nodes: readonly NodeRoom[]): PodShare[] | null {
  const byRoom = tightestFirst(nodes);
  for (let pods = 1; pods <= Math.min(count, nodes.length); pods++) {
    if (count % pods !== 0) continue;
    const gpusPerPod = count / pods;
    const roomy = byRoom.filter(({ free }) => free >= gpusPerPod);
    if (roomy.length >= pods)
      return roomy.slice(0, pods).map(({ nodeId }) => ({ nodeId, pods: 1, gpusPerPod }));
  }
  return null;
}

/**
 * Where `pods` equal pods of a deployment go, each with its `gpusPerPod` devices on one node, all of them or none: one
 * node if one has room for all, the tightest; else as few nodes as possible. Null if the nodes have too little room.
 */
export function placePods(pods: number, gpusPerPod: number, nodes: readonly NodeRoom[]): PodShare[] | null {
  const roomFor = ({ free }: NodeRoom) => Math.floor(free / gpusPerPod);
  const byRoom = tightestFirst(nodes);
  const alone = byRoom.find((node) => roomFor(node) >= pods);
  if (alone) return [{ nodeId: alone.nodeId, pods, gpusPerPod }];
  const shares: PodShare[] = [];
  let left = pods;
  for (const node of byRoom.reverse()) {
    const here = Math.min(left, roomFor(node));
    if (here > 0) shares.push({ nodeId: node.nodeId, pods: here, gpusPerPod });
    left -= here;
  }
  return left === 0 ? shares : null;
}

const tightestFirst = (nodes: readonly NodeRoom[]): NodeRoom[] =>
  [...nodes].sort((a, b) => a.free - b.free || (a.nodeId < b.nodeId ? -1 : 1));
