import type { Transaction } from '../../../platform/database/database.js';
import { type EntityRow, toExisting } from '../../../platform/eventStore/entityRow.js';
import type { DeploymentEntity } from './deployment.js';

type Reader = Pick<Transaction, 'deployment' | '$queryRaw'>;

/** A plain list holds no more. */
const NEWEST = 100;

const toEntity = (row: EntityRow): DeploymentEntity => toExisting(row);

export async function readDeployments(reader: Reader, ids: readonly string[]): Promise<DeploymentEntity[]> {
  return (await reader.deployment.findMany({ where: { id: { in: [...ids] } } })).map(toEntity);
}

/** The newest that serve, or served, each version, newest first; each list at the place of its version. */
export async function readDeploymentsOfVersions(
  reader: Reader,
  versionIds: readonly string[],
): Promise<DeploymentEntity[][]> {
  const rows = await reader.$queryRaw<(EntityRow & { versionId: string })[]>`
    SELECT s.model_version_id AS "versionId", d.id, d.version, d.created_at AS "createdAt",
      d.created_by AS "createdBy", d.updated_at AS "updatedAt", d.state
    FROM unnest(${versionIds}::text[]) AS wanted (id) CROSS JOIN LATERAL (
      SELECT * FROM models.deployment_version WHERE model_version_id = wanted.id
      ORDER BY deployment_id DESC LIMIT ${NEWEST}) s
    JOIN models.deployment d ON d.id = s.deployment_id
    ORDER BY d.id DESC`;
  return versionIds.map((id) => rows.filter(({ versionId }) => versionId === id).map(toEntity));
}

/** A page of the deployments of a project or of a model, newest first: those behind the id `after`. */
export async function readDeploymentPage(
  reader: Reader,
  owner: { projectId: string } | { modelId: string },
  { take, after }: { take: number; after: string | null },
): Promise<DeploymentEntity[]> {
  const rows = await reader.deployment.findMany({
    where: { ...owner, ...(after !== null && { id: { lt: after } }) },
    orderBy: { id: 'desc' },
    take,
  });
  return rows.map(toEntity);
}
