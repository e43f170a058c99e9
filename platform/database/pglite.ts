import { PGlite } from '@electric-sql/pglite';
import { PrismaPg } from '@prisma/adapter-pg';
import type pg from 'pg';
import type { Database } from './database.js';
import { fencedPool } from './fence.js';
import { PrismaClient } from './generated/client.js';
import { lockFolder } from './lock.js';
import { migrate, type Session } from './migrate.js';
import { pgliteConnection } from './pgliteConnection.js';
import { currentScope } from './scope.js';
import { measurePool } from './pool.metrics.js';
import { createStatementNames } from './statementNames.js';
import { traceStatements } from './tracedStatements.js';

const UPKEEP_EVERY_MS = 5 * 60_000;
/** One connection: a transaction waits for every other one, so it may wait longer than Prisma's 2 s. */
const TRANSACTION_MS = 30_000;

// 32 MB of shared buffers halve the idle memory; the WAL settings keep the folder small.
const SETTINGS = [
  'timezone=UTC',
  'shared_buffers=32MB',
  'max_wal_size=64MB',
  'min_wal_size=32MB',
  'wal_recycle=off',
];

/**
 * PostgreSQL inside this process. Safe when the process dies at any moment; not when the machine loses power, because
 * PGlite never calls fsync. Without a folder the data is gone with the process.
 */
export async function openPglite(folder: string, migrations: string, template?: Blob): Promise<Database> {
  const unlock = folder ? await lockFolder(folder) : null;
  const db = await startPglite(folder ? `${folder}/pgdata` : 'memory://', template);
  const migrated = await migrate(pgliteSession(db), migrations);
  const { prisma, pool, close } = await connectPglite(db);
  const upkeep = setInterval(() => void keepSmall(pool), UPKEEP_EVERY_MS).unref();
  return {
    prisma,
    kind: 'pglite',
    migrated,
    [Symbol.asyncDispose]: async () => {
      clearInterval(upkeep);
      await close();
      await db.close();
      await unlock?.();
    },
  };
}

/**
 * Clients of a migrated engine. Until they are closed nobody may call `db` itself: the pool's session is its only one, and
 * a direct call would run inside whatever transaction the pool has open.
 */
export async function connectPglite(db: PGlite) {
  await db.exec('RESET ALL; SET ROLE fleetgraph_runtime');
  const pool = fencedPool({ ...pgliteConnection(db), max: 1, idleTimeoutMillis: 0 }, currentScope);
  const prisma = new PrismaClient({
    adapter: traceStatements(new PrismaPg(pool, { statementNameGenerator: createStatementNames() })),
    transactionOptions: { maxWait: TRANSACTION_MS, timeout: TRANSACTION_MS },
  });
  const stopMeasuring = measurePool(pool);
  const close = async (): Promise<void> => {
    stopMeasuring();
    await prisma.$disconnect();
    await pool.end();
  };
  return { prisma, pool, close };
}

/** The engine alone, without migrations. A template is what `dumpDataDir` gave: a start from it skips initdb. */
export const startPglite = (dataDir: string, template?: Blob): Promise<PGlite> =>
  PGlite.create({
    dataDir,
    startParams: [...PGlite.defaultStartParams, ...SETTINGS.flatMap((setting) => ['-c', setting])],
    ...(template && { loadDataDir: template }),
  });

export const pgliteSession = (db: PGlite): Session => ({
  script: async (sql) => void (await db.exec(sql)),
  query: async <Row>(sql: string, parameters?: unknown[]) => (await db.query<Row>(sql, parameters)).rows,
});

/** PGlite has neither a checkpointer nor autovacuum: without this the WAL and dead rows only grow. */
async function keepSmall(pool: pg.Pool): Promise<void> {
  const client = await pool.connect();
  try {
    await client.query('RESET ROLE');
    await client.query('CHECKPOINT');
    await client.query('VACUUM (ANALYZE)');
  } finally {
    await client.query('SET ROLE fleetgraph_runtime');
    client.release();
  }
}
