import type { Transaction } from '../../../platform/database/database.js';

type Reader = Pick<Transaction, 'evaluation' | '$queryRaw'>;

export type EvaluationRow = NonNullable<Awaited<ReturnType<Transaction['evaluation']['findFirst']>>>;

/** A plain list holds no more. */
const NEWEST = 100;

/** The newest of each version, newest first. */
export const readEvaluationsOfVersions = (
  reader: Reader,
  versionIds: readonly string[],
): Promise<EvaluationRow[]> =>
  reader.$queryRaw<EvaluationRow[]>`
    SELECT e.id, e.model_version_id AS "modelVersionId", e.suite, e.passed, e.metrics, e.dataset, e.at, e.actor
    FROM unnest(${versionIds}::text[]) AS wanted (id) CROSS JOIN LATERAL (
      SELECT * FROM models.evaluation WHERE model_version_id = wanted.id ORDER BY id DESC LIMIT ${NEWEST}) e
    ORDER BY e.id DESC`;
