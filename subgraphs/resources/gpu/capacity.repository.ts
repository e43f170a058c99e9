import type { Capacity } from '../../../contracts/admission.js';
import type { Database, Transaction } from '../../../platform/database/database.js';

type Reader = Database['prisma'] | Transaction;

/** What one node has of one model. `free` counts what could be given now. */
export type NodeCapacity = {
  gpuModelId: string;
  clusterId: string;
  nodeId: string;
  present: number;
  free: number;
};

/** The tightest node first, so that large requests find whole nodes as long as possible. */
export function readNodeCapacities(reader: Reader, modelIds: readonly string[]): Promise<NodeCapacity[]> {
  return reader.$queryRaw<NodeCapacity[]>`
    SELECT g.gpu_model_id AS "gpuModelId", g.cluster_id AS "clusterId", g.node_id AS "nodeId",
      count(*)::int AS present,
      count(*) FILTER (WHERE g.usable AND a.id IS NULL AND c.connectivity <> 'OFFLINE')::int AS free
    FROM resources.gpu g
    JOIN resources.cluster c ON c.id = g.cluster_id
    LEFT JOIN resources.allocation a ON a.gpu_id = g.id AND a.closed_at IS NULL
    WHERE g.gpu_model_id = ANY(${modelIds}) AND g.present
    GROUP BY 1, 2, 3
    ORDER BY free, "nodeId"`;
}

/** For a request whose devices must be on one node. */
export function capacityOf(gpuModelId: string, nodes: readonly NodeCapacity[]): Capacity {
  const own = nodes.filter((node) => node.gpuModelId === gpuModelId);
  return {
    free: own.reduce((sum, node) => sum + node.free, 0),
    largestNow: Math.max(0, ...own.map(({ free }) => free)),
    largestEver: Math.max(0, ...own.map(({ present }) => present)),
  };
}

/** For equal pods with `gpusPerPod` devices each, every one on one node: what is left over on a node helps none. */
export function podCapacityOf(
  gpuModelId: string,
  nodes: readonly NodeCapacity[],
  gpusPerPod: number,
): Capacity {
  const own = nodes.filter((node) => node.gpuModelId === gpuModelId);
  const inWholePods = (devicesOf: (node: NodeCapacity) => number) =>
    own.reduce((sum, node) => sum + Math.floor(devicesOf(node) / gpusPerPod) * gpusPerPod, 0);
  return {
    free: own.reduce((sum, node) => sum + node.free, 0),
    largestNow: inWholePods(({ free }) => free),
    largestEver: inWholePods(({ present }) => present),
  };
}

/**
 * Locks a node's devices until the transaction ends, and says which of a model are free then, by index. Nobody else can
 * take one meanwhile.
 */
export async function lockFreeDevices(
  tx: Transaction,
  nodeId: string,
  gpuModelId: string,
): Promise<string[]> {
  await tx.$queryRaw`SELECT id FROM resources.gpu WHERE node_id = ${nodeId} ORDER BY id FOR UPDATE`;
  const rows = await tx.$queryRaw<{ id: string }[]>`
    SELECT g.id FROM resources.gpu g
    WHERE g.node_id = ${nodeId} AND g.gpu_model_id = ${gpuModelId} AND g.usable
      AND NOT EXISTS (SELECT FROM resources.allocation a WHERE a.gpu_id = g.id AND a.closed_at IS NULL)
    ORDER BY g.index`;
  return rows.map(({ id }) => id);
}
