import type { Transaction } from '../../../platform/database/database.js';
import type { Existing } from '../../../platform/eventStore/aggregate.js';
import { type EntityRow, toExisting } from '../../../platform/eventStore/entityRow.js';
import type { ModelVersionState } from './modelVersion.js';

export type ModelVersionEntity = Existing<ModelVersionState>;

type Reader = Pick<Transaction, 'modelVersion' | '$queryRaw'>;

/** A plain list holds no more. */
const NEWEST = 100;

const toEntity = (row: EntityRow): ModelVersionEntity => toExisting(row);

export async function readVersions(reader: Reader, ids: readonly string[]): Promise<ModelVersionEntity[]> {
  return (await reader.modelVersion.findMany({ where: { id: { in: [...ids] } } })).map(toEntity);
}

/** A page of a model's versions, newest first: those with a smaller number than `before`. */
export type VersionPage = { modelId: string; take: number; before: number | null };

const MAX_NUMBER = 2_147_483_647;

/** The pages that were asked for, in one statement, each at its place. */
export async function readVersionPages(
  reader: Reader,
  pages: readonly VersionPage[],
): Promise<ModelVersionEntity[][]> {
  const rows = await reader.$queryRaw<(EntityRow & { place: number })[]>`
    SELECT wanted.place::int AS place, v.id, v.version, v.created_at AS "createdAt", v.created_by AS "createdBy",
      v.updated_at AS "updatedAt", v.state
    FROM unnest(${pages.map(({ modelId }) => modelId)}::text[], ${pages.map(({ take }) => take)}::int[],
      ${pages.map(({ before }) => before ?? MAX_NUMBER)}::int[])
      WITH ORDINALITY AS wanted (model_id, take, before, place)
    CROSS JOIN LATERAL (
      SELECT * FROM models.model_version WHERE model_id = wanted.model_id AND number < wanted.before
      ORDER BY number DESC LIMIT wanted.take) v
    ORDER BY v.number DESC`;
  return pages.map((_page, index) => rows.filter(({ place }) => place === index + 1).map(toEntity));
}

export async function countVersions(
  reader: Reader,
  modelIds: readonly string[],
): Promise<Map<string, number>> {
  const rows = await reader.modelVersion.groupBy({
    by: ['modelId'],
    where: { modelId: { in: [...modelIds] } },
    _count: { _all: true },
  });
  return new Map(rows.map(({ modelId, _count }) => [modelId, _count._all]));
}

/** The newest that each job has produced, newest first. */
export async function readVersionsOfJobs(
  reader: Reader,
  jobIds: readonly string[],
): Promise<ModelVersionEntity[]> {
  const rows = await reader.$queryRaw<EntityRow[]>`
    SELECT v.id, v.version, v.created_at AS "createdAt", v.created_by AS "createdBy",
      v.updated_at AS "updatedAt", v.state
    FROM unnest(${jobIds}::text[]) AS wanted (id) CROSS JOIN LATERAL (
      SELECT * FROM models.model_version WHERE produced_by_job_id = wanted.id ORDER BY id DESC LIMIT ${NEWEST}) v
    ORDER BY v.id DESC`;
  return rows.map(toEntity);
}

/** The number that the model's next version gets. Ask while you hold the model's lock. */
export async function nextNumber(reader: Reader, modelId: string): Promise<number> {
  const { _max } = await reader.modelVersion.aggregate({ where: { modelId }, _max: { number: true } });
  return (_max.number ?? 0) + 1;
}
