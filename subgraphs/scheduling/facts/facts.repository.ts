import type { QuotaCell } from '../../../contracts/admission.js';
import type { NodeRoom } from '../../../contracts/gang.js';
import type { Database, Transaction } from '../../../platform/database/database.js';
import { type KnownNode, roomOf } from './knownNode.js';

type Reader = Database['prisma'] | Transaction;

/** The prices that count now. `rates` are decimal text per GPU and hour, by catalogue id. */
export type Prices = { version: string; currency: string; rates: Readonly<Record<string, string>> };

/** The activated book that came into force last, by the database's clock; null before there is one. */
export async function readPrices(reader: Reader): Promise<Prices | null> {
  const books = await reader.$queryRaw<Prices[]>`
    SELECT name AS version, currency, rates FROM scheduling.known_prices
    WHERE in_force_from <= clock_timestamp() ORDER BY in_force_from DESC, id DESC LIMIT 1`;
  return books[0] ?? null;
}

/**
 * The limits that count for a project and how much of each is used: for each model a cell per project, the root first.
 * None if there is no such project.
 */
export function readQuotaCells(
  reader: Reader,
  projectId: string,
  modelIds: readonly string[],
): Promise<QuotaCell[]> {
  return reader.$queryRaw<QuotaCell[]>`
    SELECT l.ancestor AS "projectId", model AS "gpuModelId", coalesce(q.nominal, 0) AS nominal,
      (SELECT count(*)::int FROM scheduling.open_allocation a
        JOIN scheduling.known_project o ON o.id = a.project_id
        WHERE a.gpu_model_id = model AND l.ancestor = ANY(o.lineage)) AS used
    FROM scheduling.known_project p
    CROSS JOIN LATERAL unnest(p.lineage) WITH ORDINALITY AS l (ancestor, depth)
    CROSS JOIN unnest(${[...modelIds]}::text[]) AS model
    LEFT JOIN scheduling.known_quota q ON q.project_id = l.ancestor AND q.gpu_model_id = model
    WHERE p.id = ${projectId} ORDER BY l.depth`;
}

/** What each node has of each of the models. Clusters that cannot be reached give nothing now. */
export async function readRooms(
  reader: Reader,
  modelIds: readonly string[],
): Promise<Map<string, NodeRoom[]>> {
  const wanted = [...modelIds];
  const nodes = await reader.$queryRaw<{ id: string; state: KnownNode; reachable: boolean }[]>`
    SELECT n.id, n.state, coalesce(c.connectivity <> 'OFFLINE', false) AS reachable
    FROM scheduling.known_node n LEFT JOIN scheduling.known_cluster c ON c.id = n.cluster_id
    WHERE n.models && ${wanted}`;
  const taken = await reader.openAllocation.findMany({
    where: { gpuModelId: { in: wanted } },
    select: { gpuId: true },
  });
  const takenIds = new Set(taken.map(({ gpuId }) => gpuId));
  const roomsOf = (gpuModelId: string) =>
    nodes.map(({ id, state, reachable }) => {
      const room = roomOf(id, state, gpuModelId, (gpuId) => takenIds.has(gpuId));
      return reachable ? room : { ...room, free: 0 };
    });
  return new Map(wanted.map((gpuModelId) => [gpuModelId, roomsOf(gpuModelId)]));
}
