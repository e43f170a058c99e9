import { randomBytes } from 'node:crypto';
import pg from 'pg';
import { type Database, migrationsFolder, openDatabase } from '../../platform/database/database.js';
import { openPglite } from '../../platform/database/pglite.js';
import { migratedTemplate } from './pgliteTemplate.js';

/**
 * A migrated database of its own for one test: PGlite in memory, or, when TEST_DATABASE_URL names a PostgreSQL server, a
 * new database there that is dropped when it is disposed.
 */
export async function testDatabase(options: { poolMax?: number } = {}): Promise<Database> {
  const server = process.env.TEST_DATABASE_URL;
  return server
    ? databaseOn(server, options.poolMax)
    : openPglite('', migrationsFolder, await migratedTemplate());
}

/** A database of its own on a PostgreSQL server, whose login role may create databases. */
export async function databaseOn(server: string, poolMax = 5): Promise<Database & { readonly url: string }> {
  const name = `test_${randomBytes(8).toString('hex')}`;
  await administer(server, `CREATE DATABASE ${name}`);
  const url = new URL(server);
  url.pathname = `/${name}`;
  const database = await openDatabase({ url: url.href, poolMax });
  return {
    ...database,
    url: url.href,
    [Symbol.asyncDispose]: async () => {
      await database[Symbol.asyncDispose]();
      await administer(server, `DROP DATABASE ${name} WITH (FORCE)`);
    },
  };
}

async function administer(connectionString: string, statement: string): Promise<void> {
  const client = new pg.Client({ connectionString });
  await client.connect();
  try {
    await client.query(statement);
  } finally {
    await client.end();
  }
}
