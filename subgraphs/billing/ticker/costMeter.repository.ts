import type { Transaction } from '../../../platform/database/database.js';
import { Prisma } from '../../../platform/database/generated/client.js';
import type { Position } from '../../../platform/eventStore/event.js';
import type { Usage } from '../usage/rating.js';
import { usageProjection } from '../usage/usage.projection.js';
import { toUsage, type UsageRow } from '../usage/usage.repository.js';

/** Whatever has a cost that can be watched. A project is meant with all below it. */
export type CostScope = { readonly ownerId: string } | { readonly projectId: string };

/** All that was used in a scope, up to a place in resources' order, and the database's time. */
export type MeteredUsage = { position: Position; now: number; usages: Usage[] };

/** One statement, so that the usage is what had been read at the position and nothing else. */
export async function readMeteredUsage(
  reader: Pick<Transaction, '$queryRaw'>,
  scope: CostScope,
): Promise<MeteredUsage> {
  const { name, source } = usageProjection;
  const isInScope =
    'ownerId' in scope
      ? Prisma.sql`usage.owner_id = ${scope.ownerId}`
      : Prisma.sql`usage.project_id IN (SELECT id FROM billing.project WHERE lineage && ${[scope.projectId]})`;
  type Row = { position: bigint; now: Date } & (UsageRow | { allocationId: null });
  const rows = await reader.$queryRaw<Row[]>`
    SELECT moment.position, moment.now, usage.allocation_id AS "allocationId", usage.owner_id AS "ownerId",
      usage.owner_kind AS "ownerKind", usage.project_id AS "projectId", usage.gpu_model_id AS "gpuModelId",
      usage.basis_points AS "basisPoints", usage."from", usage."to"
    FROM (
      SELECT date_trunc('milliseconds', clock_timestamp()) AS now, coalesce((
        SELECT position FROM eventlog.checkpoint WHERE name = ${name} AND context = ${source}
      ), 0) AS position
    ) AS moment
    LEFT JOIN billing.usage ON ${isInScope}`;
  const [first] = rows;
  if (!first) throw new Error('The database told no time');
  const usages = rows.flatMap(({ position: _position, now: _now, ...row }) =>
    row.allocationId === null ? [] : [toUsage(row)],
  );
  return { position: first.position, now: first.now.getTime(), usages };
}
