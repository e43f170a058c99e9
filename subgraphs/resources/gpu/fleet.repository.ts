import type { Database } from '../../../platform/database/database.js';
import { Prisma } from '../../../platform/database/generated/client.js';
import type { Existing } from '../../../platform/eventStore/aggregate.js';
import { type EntityRow, toExisting } from '../../../platform/eventStore/entityRow.js';
import type { ClusterState } from '../cluster/cluster.js';
import type { NodeState } from '../node/node.js';
import type { GpuFilter } from './gpu.inputs.js';
import type { Gpu, GpuHealth } from './gpu.type.js';

export type FleetRepository = ReturnType<typeof createFleetRepository>;

type Page = { take: number; after: string | null };
type GpuRow = Omit<Gpu, 'health' | 'observedAt'> & { health: string; observedAt: Date };

const toCluster = (row: EntityRow): Existing<ClusterState> => toExisting(row);
const toNode = (row: EntityRow): Existing<NodeState> => toExisting(row);
const toGpu = ({ health, observedAt, ...row }: GpuRow): Gpu => ({
  ...row,
  health: health as keyof typeof GpuHealth,
  observedAt: observedAt.toISOString(),
});

/** The read side of clusters, nodes and devices. Rows are written only by their projections. */
export function createFleetRepository(prisma: Database['prisma']) {
  const { cluster, node, gpu } = prisma;
  return {
    clusters: async () => (await cluster.findMany({ orderBy: { id: 'asc' } })).map(toCluster),
    clustersByIds: async (ids: readonly string[]) =>
      (await cluster.findMany({ where: { id: { in: [...ids] } } })).map(toCluster),

    nodesByIds: async (ids: readonly string[]) =>
      (await node.findMany({ where: { id: { in: [...ids] } } })).map(toNode),
    /** Those that are still there, by id. */
    nodesOfClusters: async (clusterIds: readonly string[]) => {
      const where = { clusterId: { in: [...clusterIds] }, lost: false };
      return (await node.findMany({ where, orderBy: { id: 'asc' } })).map(toNode);
    },
    nodePage: async ({ take, after }: Page) => {
      const where = after === null ? {} : { id: { gt: after } };
      return (await node.findMany({ where, orderBy: { id: 'asc' }, take })).map(toNode);
    },
    nodeCount: () => node.count(),

    gpusByIds: async (ids: readonly string[]) =>
      (await gpu.findMany({ where: { id: { in: [...ids] } } })).map(toGpu),
    /** By index. */
    gpusOfNodes: async (nodeIds: readonly string[]) => {
      const where = { nodeId: { in: [...nodeIds] } };
      return (await gpu.findMany({ where, orderBy: [{ nodeId: 'asc' }, { index: 'asc' }] })).map(toGpu);
    },
    /** By node and index. `after` is the id of the last device of the page before. */
    gpuPage: async (filter: GpuFilter, { take, after }: Page) => {
      const last = after === null ? null : await gpu.findFirst({ where: { id: after } });
      const from = last
        ? Prisma.sql`AND (g.node_id, g.index) > (${last.nodeId}, ${last.index})`
        : Prisma.empty;
      const rows = await prisma.$queryRaw<GpuRow[]>`
        SELECT g.id, g.node_id AS "nodeId", g.index, g.gpu_model_id AS "gpuModelId", g.uuid,
          g.memory_mib AS "memoryMiB", g.health, g.present, g.usable, g.observed_at AS "observedAt"
        FROM resources.gpu g WHERE ${matches(filter)} ${from} ORDER BY g.node_id, g.index LIMIT ${take}`;
      return rows.map(toGpu);
    },
    gpuCount: async (filter: GpuFilter) => {
      const rows = await prisma.$queryRaw<{ count: number }[]>`
        SELECT count(*)::int AS count FROM resources.gpu g WHERE ${matches(filter)}`;
      return rows[0]?.count ?? 0;
    },
  };
}

/** A device that vanished is listed only where somebody still has it. */
function matches({ modelIn, health, clusterId, occupied }: GpuFilter): Prisma.Sql {
  const taken = Prisma.sql`EXISTS (SELECT FROM resources.allocation a WHERE a.gpu_id = g.id AND a.closed_at IS NULL)`;
  const conditions = [Prisma.sql`(g.present OR ${taken})`];
  if (modelIn != null) conditions.push(Prisma.sql`g.gpu_model_id = ANY(${modelIn})`);
  if (health != null) conditions.push(Prisma.sql`g.health = ${health}`);
  if (clusterId != null) conditions.push(Prisma.sql`g.cluster_id = ${clusterId}`);
  if (occupied != null) conditions.push(occupied ? taken : Prisma.sql`NOT ${taken}`);
  return Prisma.join(conditions, ' AND ');
}
