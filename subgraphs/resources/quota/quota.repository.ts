import type { QuotaCell } from '../../../contracts/admission.js';
import type { Database, Transaction } from '../../../platform/database/database.js';
import { Prisma } from '../../../platform/database/generated/client.js';

type Reader = Database['prisma'] | Transaction;
type Limit = { projectId: string; gpuModelId: string; nominal: number };
type Usage = { projectId: string; gpuModelId: string; used: number };

/**
 * The limits that count for the last of the lineage, and how much of each is used: one cell per project of the lineage
 * and model, in that order. With `lock` the limits' rows stay locked until the transaction ends, so that nobody else can
 * use up what is counted here.
 */
export async function readQuotaCells(
  reader: Reader,
  lineage: readonly string[],
  modelIds: readonly string[],
  options: { lock: boolean },
): Promise<QuotaCell[]> {
  const limits = await reader.$queryRaw<Limit[]>`
    SELECT project_id AS "projectId", gpu_model_id AS "gpuModelId", nominal FROM resources.quota_limit
    WHERE project_id = ANY(${lineage}) AND gpu_model_id = ANY(${modelIds})
    ORDER BY project_id, gpu_model_id ${options.lock ? Prisma.sql`FOR UPDATE` : Prisma.empty}`;
  const usages = await readUsage(reader, lineage, modelIds);
  return lineage.flatMap((projectId) =>
    modelIds.map((gpuModelId) => {
      const ofCell = <Cell extends Omit<Limit, 'nominal'>>(cell: Cell) =>
        cell.projectId === projectId && cell.gpuModelId === gpuModelId;
      const nominal = limits.find(ofCell)?.nominal ?? 0;
      return { projectId, gpuModelId, nominal, used: usages.find(ofCell)?.used ?? 0 };
    }),
  );
}

/** Open allocations of each project with all below it. Cells that nobody uses are left out. */
export function readUsage(
  reader: Reader,
  projectIds: readonly string[],
  modelIds: readonly string[],
): Promise<Usage[]> {
  return reader.$queryRaw<Usage[]>`
    SELECT ancestor AS "projectId", a.gpu_model_id AS "gpuModelId", count(*)::int AS used
    FROM resources.allocation a
    JOIN resources.project_node p ON p.id = a.project_id
    CROSS JOIN LATERAL unnest(p.lineage) AS ancestor
    WHERE a.closed_at IS NULL AND a.gpu_model_id = ANY(${modelIds}) AND ancestor = ANY(${projectIds})
    GROUP BY 1, 2`;
}
