import { randomBytes } from 'node:crypto';
import pg from 'pg';
import { type Database, openDatabase } from '../../platform/database/database.js';
import { connectPglite } from '../../platform/database/pglite.js';
import { giveEngine, takeEngine } from './pgliteEngines.js';

export type TestDatabase = Database & {
  /** Runs a script with the rights of the owner, which the application never has. */
  asOwner(script: string): Promise<void>;
};

/**
 * A migrated database of its own for one test: PGlite in memory, or, when TEST_DATABASE_URL names a PostgreSQL server, a
 * new database there that is dropped when it is disposed.
 */
export function testDatabase(options: { poolMax?: number } = {}): Promise<TestDatabase> {
  const server = process.env.TEST_DATABASE_URL;
  return server ? databaseOn(server, options.poolMax) : pgliteInMemory();
}

/** A database of its own on a PostgreSQL server, whose login role may create databases. */
export async function databaseOn(
  server: string,
  poolMax = 5,
): Promise<TestDatabase & { readonly url: string }> {
  const name = `test_${randomBytes(8).toString('hex')}`;
  await administer(server, `CREATE DATABASE ${name}`);
  const url = new URL(server);
  url.pathname = `/${name}`;
  const database = await openDatabase({ url: url.href, poolMax });
  return {
    ...database,
    url: url.href,
    asOwner: (script) => administer(url.href, script),
    [Symbol.asyncDispose]: async () => {
      await database[Symbol.asyncDispose]();
      await administer(server, `DROP DATABASE ${name} WITH (FORCE)`);
    },
  };
}

async function pgliteInMemory(): Promise<TestDatabase> {
  const engine = await takeEngine();
  const { prisma, close } = await connectPglite(engine);
  const database: Database = {
    prisma,
    kind: 'pglite',
    migrated: [],
    [Symbol.asyncDispose]: async () => {
      await close();
      await (isChanged ? engine.close() : giveEngine(engine));
    },
  };
  let isChanged = false;
  return {
    ...database,
    asOwner(script) {
      isChanged = true;
      return asPgliteOwner(database, script);
    },
  };
}

/** PGlite's one session is the owner's, and has taken the application's role. */
export const asPgliteOwner = ({ prisma }: Database, script: string): Promise<void> =>
  prisma.$transaction(async (tx) => {
    await tx.$executeRawUnsafe('RESET ROLE');
    // One block, because Prisma sends one statement at a time.
    await tx.$executeRawUnsafe(`DO $owner$ BEGIN ${script}; END $owner$`);
    await tx.$executeRawUnsafe('SET ROLE fleetgraph_runtime');
  });

async function administer(connectionString: string, script: string): Promise<void> {
  const client = new pg.Client({ connectionString });
  await client.connect();
  try {
    await client.query(script);
  } finally {
    await client.end();
  }
}
