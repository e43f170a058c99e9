import type { Transaction } from '../../../platform/database/database.js';

type Reader = Pick<Transaction, 'aliasChange' | '$queryRaw'>;

export type AliasChangeRow = NonNullable<Awaited<ReturnType<Transaction['aliasChange']['findFirst']>>>;

export type AliasKey = { modelId: string; name: string };

/** A plain list holds no more. */
const NEWEST = 100;

/** The newest changes of each alias, newest first. */
export const readAliasChanges = (reader: Reader, keys: readonly AliasKey[]): Promise<AliasChangeRow[]> =>
  reader.$queryRaw<AliasChangeRow[]>`
    SELECT c.model_id AS "modelId", c.sequence, c.name, c.version_id AS "versionId",
      c.previous_version_id AS "previousVersionId", c.at, c.actor
    FROM unnest(${keys.map(({ modelId }) => modelId)}::text[], ${keys.map(({ name }) => name)}::text[])
      AS wanted (model_id, name)
    CROSS JOIN LATERAL (
      SELECT * FROM models.alias_change WHERE model_id = wanted.model_id AND name = wanted.name
      ORDER BY sequence DESC LIMIT ${NEWEST}) c
    ORDER BY c.sequence DESC`;
