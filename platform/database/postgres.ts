import { PrismaPg } from '@prisma/adapter-pg';
import pg from 'pg';
import type { Database, DatabaseOptions } from './database.js';
import { PrismaClient } from './generated/client.js';
import { migrate } from './migrate.js';

const POOL_MAX = 10;
const STATEMENT_TIMEOUT_MS = 15_000;

// Prisma's driver adapters write timestamps without an offset, so a session in another zone stores a wrong instant.
const UTC = '-c timezone=UTC';

/** PostgreSQL 15 or newer. The login role migrates; the pool's sessions take the runtime role. */
export async function openPostgres(options: DatabaseOptions, migrations: string): Promise<Database> {
  const { url, poolMax = POOL_MAX, statementTimeoutMs = STATEMENT_TIMEOUT_MS } = options;
  const migrated = await migrateOnce(url, migrations);
  const runtime = `${UTC} -c role=fleetgraph_runtime -c statement_timeout=${statementTimeoutMs}`;
  const pool = { connectionString: url, max: poolMax, options: runtime };
  const prisma = new PrismaClient({
    adapter: new PrismaPg(pool),
    transactionOptions: { maxWait: 10_000, timeout: 2 * statementTimeoutMs },
  });
  return { prisma, kind: 'postgres', migrated, [Symbol.asyncDispose]: () => prisma.$disconnect() };
}

async function migrateOnce(connectionString: string, migrations: string): Promise<string[]> {
  const client = new pg.Client({ connectionString, options: UTC });
  await client.connect().catch((cause: Error) => {
    throw new Error(`the database at ${client.host}:${client.port} cannot be used: ${cause.message}`, {
      cause,
    });
  });
  try {
    const script = async (sql: string) => void (await client.query(sql));
    const query = async <Row>(sql: string, parameters?: unknown[]) =>
      (await client.query(sql, parameters)).rows as Row[];
    return await migrate({ script, query }, migrations);
  } finally {
    await client.end();
  }
}
