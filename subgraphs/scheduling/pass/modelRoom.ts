import { type NodeRoom, shareOf } from '../../../contracts/gang.js';

/** One cluster's devices of a model: how many nodes have at least so many of them, free or in all. */
type ClusterRoom = {
  readonly clusterId: string;
  readonly isReached: boolean;
  readonly largestNode: number;
  readonly nodesWithFree: readonly number[];
  readonly nodesWithPresent: readonly number[];
};

/** What there is of a model, counted so that each question about it takes no longer than there are clusters. */
export type ModelRoom = {
  readonly clusters: readonly ClusterRoom[];
  readonly reachedNodes: readonly NodeRoom[];
  /** Free devices of the clusters that answer. */
  readonly free: number;
};

export function summarise(nodes: readonly NodeRoom[], isReached: (clusterId: string) => boolean): ModelRoom {
  const byCluster = new Map<string, NodeRoom[]>();
  for (const node of nodes) {
    const own = byCluster.get(node.clusterId);
    if (own) own.push(node);
    else byCluster.set(node.clusterId, [node]);
  }
  const reachedNodes = nodes.filter(({ clusterId }) => isReached(clusterId));
  return {
    clusters: [...byCluster].map(([clusterId, own]) => clusterRoom(clusterId, own, isReached(clusterId))),
    reachedNodes,
    free: reachedNodes.reduce((sum, { free }) => sum + free, 0),
  };
}

function clusterRoom(clusterId: string, nodes: readonly NodeRoom[], isReached: boolean): ClusterRoom {
  const largestNode = nodes.reduce((largest, { present }) => Math.max(largest, present), 0);
  const nodesWith = (amountOf: (node: NodeRoom) => number): number[] => {
    const counts = Array.from({ length: largestNode + 2 }, () => 0);
    for (const node of nodes) counts[amountOf(node)] = (counts[amountOf(node)] ?? 0) + 1;
    for (let amount = largestNode; amount >= 0; amount--)
      counts[amount] = (counts[amount] ?? 0) + (counts[amount + 1] ?? 0);
    return counts;
  };
  return {
    ...{ clusterId, isReached, largestNode },
    nodesWithFree: nodesWith(({ free }) => free),
    nodesWithPresent: nodesWith(({ present }) => present),
  };
}

/** Says the same as `placeGang` and `gangEverFits` (contracts/gang.ts), of all clusters or of those that answer. */
export function fits(
  count: number,
  { clusters }: ModelRoom,
  { when, among }: { when: 'NOW' | 'EVER'; among: 'ALL' | 'REACHED' },
): boolean {
  return clusters.some((cluster) => {
    if (among === 'REACHED' && !cluster.isReached) return false;
    const share = shareOf(count, cluster.largestNode);
    const nodes = when === 'NOW' ? cluster.nodesWithFree : cluster.nodesWithPresent;
    return share !== null && (nodes[share.perNode] ?? 0) >= share.nodes;
  });
}
