import type { QuotaCell } from '../../../contracts/admission.js';
import type { Database, Transaction } from '../../../platform/database/database.js';

type Reader = Database['prisma'] | Transaction;

/**
 * The limits that count for a project, its own and its ancestors', and how much of each is used: for each model a cell per
 * project, the root first. None if there is no such project.
 */
export function readQuotaCells(
  reader: Reader,
  projectId: string,
  modelIds: readonly string[],
): Promise<QuotaCell[]> {
  return reader.$queryRaw<QuotaCell[]>`
    SELECT l.ancestor AS "projectId", model AS "gpuModelId", coalesce(q.nominal, 0) AS nominal,
      (SELECT count(*)::int FROM resources.allocation a JOIN resources.project_node o ON o.id = a.project_id
        WHERE a.closed_at IS NULL AND a.gpu_model_id = model AND l.ancestor = ANY(o.lineage)) AS used
    FROM resources.project_node p
    CROSS JOIN LATERAL unnest(p.lineage) WITH ORDINALITY AS l (ancestor, depth)
    CROSS JOIN unnest(${modelIds}::text[]) AS model
    LEFT JOIN resources.quota_limit q ON q.project_id = l.ancestor AND q.gpu_model_id = model
    WHERE p.id = ${projectId} ORDER BY l.depth`;
}

/**
 * Locks the limits that count for a project until the transaction ends. What is counted after this statement cannot be
 * used up by anybody else meanwhile.
 */
export async function lockQuotas(tx: Transaction, projectId: string, gpuModelId: string): Promise<void> {
  await tx.$queryRaw`
    SELECT q.project_id FROM resources.quota_limit q
    WHERE q.gpu_model_id = ${gpuModelId}
      AND q.project_id = ANY((SELECT p.lineage FROM resources.project_node p WHERE p.id = ${projectId})::text[])
    ORDER BY q.project_id FOR UPDATE`;
}

/** Open allocations of each project with all below it. Cells that nobody uses are left out. */
export function readUsage(
  reader: Reader,
  projectIds: readonly string[],
  modelIds: readonly string[],
): Promise<Omit<QuotaCell, 'nominal'>[]> {
  return reader.$queryRaw<Omit<QuotaCell, 'nominal'>[]>`
    SELECT ancestor AS "projectId", a.gpu_model_id AS "gpuModelId", count(*)::int AS used
    FROM resources.allocation a
    JOIN resources.project_node p ON p.id = a.project_id
    CROSS JOIN LATERAL unnest(p.lineage) AS ancestor
    WHERE a.closed_at IS NULL AND a.gpu_model_id = ANY(${modelIds}) AND ancestor = ANY(${projectIds})
    GROUP BY 1, 2`;
}
