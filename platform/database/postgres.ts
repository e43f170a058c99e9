import { PrismaPg } from '@prisma/adapter-pg';
import pg from 'pg';
import type { Database, DatabaseOptions } from './database.js';
import { fencedPool } from './fence.js';
import { PrismaClient } from './generated/client.js';
import { migrate } from './migrate.js';
import { measurePool } from './pool.metrics.js';
import { currentScope } from './scope.js';
import { createStatementNames } from './statementNames.js';
import { traceStatements } from './tracedStatements.js';

const POOL_MAX = 10;
const STATEMENT_TIMEOUT_MS = 15_000;
const IDLE_TRANSACTION_TIMEOUT_MS = 10_000;

// Prisma's driver adapters write timestamps without an offset, so a session in another zone stores a wrong instant.
const UTC = '-c timezone=UTC';

/** PostgreSQL 15 or newer. The login role migrates; the pool's sessions take the runtime role. */
export async function openPostgres(options: DatabaseOptions, migrations: string): Promise<Database> {
  const { url, poolMax = POOL_MAX, statementTimeoutMs = STATEMENT_TIMEOUT_MS } = options;
  const { idleTransactionTimeoutMs = IDLE_TRANSACTION_TIMEOUT_MS } = options;
  const migrated = await migrateOnce(url, migrations);
  const settings = {
    timezone: 'UTC',
    role: 'fleetgraph_runtime',
    statement_timeout: statementTimeoutMs,
    idle_in_transaction_session_timeout: idleTransactionTimeoutMs,
  };
  const parameters = Object.entries(settings).map(([name, value]) => `-c ${name}=${value}`);
  const pool = fencedPool(
    { connectionString: url, max: poolMax, options: parameters.join(' ') },
    currentScope,
  );
  const prisma = new PrismaClient({
    adapter: traceStatements(
      new PrismaPg(pool, { statementNameGenerator: createStatementNames(), disposeExternalPool: true }),
    ),
    transactionOptions: { maxWait: 10_000, timeout: 2 * statementTimeoutMs },
  });
  const stopMeasuring = measurePool(pool);
  return {
    prisma,
    kind: 'postgres',
    migrated,
    [Symbol.asyncDispose]: async () => {
      stopMeasuring();
      await prisma.$disconnect();
    },
  };
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
