import { expect } from 'vitest';
import type { Database } from '../../platform/database/database.js';

/**
 * Every table of a Postgres schema but those left out, as text: its rows as JSON, sorted. Equal contents give equal text,
 * byte by byte.
 */
export async function dumpSchema(
  { prisma }: Database,
  schema: string,
  leftOut: readonly string[] = [],
): Promise<string> {
  const tables = await prisma.$queryRaw<{ name: string }[]>`
    SELECT table_name::text AS name FROM information_schema.tables
    WHERE table_schema = ${schema} AND table_type = 'BASE TABLE' ORDER BY table_name`;
  if (tables.length === 0) throw new Error(`There is no table in schema ${schema}`);
  const dumps: string[] = [];
  for (const { name } of tables) {
    if (leftOut.includes(name)) continue;
    const rows = await prisma.$queryRawUnsafe<{ row: string }[]>(
      `SELECT to_jsonb(t)::text AS row FROM "${schema}"."${name}" AS t ORDER BY 1`,
    );
    dumps.push(`${name}\n${rows.map(({ row }) => `  ${row}\n`).join('')}`);
  }
  return dumps.join('');
}

/** Fails unless the tables of the schema are, after `rebuild`, what they were before, and hold something at all. */
export async function expectLiveEqualsRebuilt(options: {
  database: Database;
  schema: string;
  /** Tables that are no read models: what goes on writes them meanwhile. */
  leftOut?: readonly string[];
  rebuild: () => Promise<unknown>;
}): Promise<void> {
  const { database, schema, leftOut, rebuild } = options;
  const live = await dumpSchema(database, schema, leftOut);
  expect(live).toContain('{');
  await rebuild();
  expect(await dumpSchema(database, schema, leftOut)).toBe(live);
}
