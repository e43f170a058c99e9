/** What a node has of one model: devices that it has, and those of them that could be given now. */
export type NodeRoom = { nodeId: string; clusterId: string; present: number; free: number };

/** The same number of devices on each of some nodes of one cluster. */
export type GangPlace = { clusterId: string; nodeIds: string[]; perNode: number };

/**
 * Where `count` devices of one model for a job are taken from, all of them or none; null if that cannot be now. A job
 * that fits one node gets one node; a larger one gets equal shares of as few nodes of one cluster as its size allows. The
 * fullest nodes are taken first, so that large requests find whole nodes as long as possible.
 */
export function placeGang(count: number, nodes: readonly NodeRoom[]): GangPlace | null {
  return findPlace(count, nodes, ({ free }) => free);
}

/** Whether the devices would suffice if all of them were free. */
export const gangEverFits = (count: number, nodes: readonly NodeRoom[]): boolean =>
  findPlace(count, nodes, ({ present }) => present) !== null;

/** The largest number of devices up to `count` that could be given to one job, now or if all devices were free. */
export function largestGang(count: number, nodes: readonly NodeRoom[], when: 'NOW' | 'EVER'): number {
  const fits = (size: number) =>
    when === 'NOW' ? placeGang(size, nodes) !== null : gangEverFits(size, nodes);
  let size = count;
  while (size > 0 && !fits(size)) size--;
  return size;
}

function findPlace(
  count: number,
  nodes: readonly NodeRoom[],
  roomOf: (node: NodeRoom) => number,
): GangPlace | null {
  for (const clusterId of [...new Set(nodes.map((node) => node.clusterId))].sort()) {
    const own = nodes.filter((node) => node.clusterId === clusterId);
    const share = shareOf(count, Math.max(0, ...own.map(({ present }) => present)));
    if (share === null) continue;
    const fitting = own
      .filter((node) => roomOf(node) >= share.perNode)
      .sort((a, b) => roomOf(a) - roomOf(b) || (a.nodeId < b.nodeId ? -1 : 1));
    if (fitting.length < share.nodes) continue;
    const nodeIds = fitting.slice(0, share.nodes).map(({ nodeId }) => nodeId);
    return { clusterId, nodeIds, perNode: share.perNode };
  }
  return null;
}

/** As few nodes as possible, each with the same number; null where no node has a device. */
export function shareOf(count: number, largestNode: number): { nodes: number; perNode: number } | null {
  if (largestNode === 0) return null;
  let nodes = Math.ceil(count / largestNode);
  while (count % nodes !== 0) nodes++;
  return { nodes, perNode: count / nodes };
}
