import { createHash, randomUUID } from 'node:crypto';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

/** One session of the database. `script` runs many statements as one message, `query` one with parameters. */
export interface Session {
  script(sql: string): Promise<void>;
  query<Row = Record<string, unknown>>(sql: string, parameters?: unknown[]): Promise<Row[]>;
}

type Migration = { name: string; sql: string; checksum: string; checksums: string[] };
type Applied = { migration_name: string; checksum: string; finished_at: unknown; rolled_back_at: unknown };

/** The number that `prisma migrate` itself locks, so that one process at a time migrates. */
const PRISMA_ADVISORY_LOCK = 72707369;

const CREATE_TABLE = `CREATE TABLE IF NOT EXISTS "_prisma_migrations" (
    id                      VARCHAR(36) PRIMARY KEY NOT NULL,
    checksum                VARCHAR(64) NOT NULL,
    finished_at             TIMESTAMPTZ,
    migration_name          VARCHAR(255) NOT NULL,
    logs                    TEXT,
    rolled_back_at          TIMESTAMPTZ,
    started_at              TIMESTAMPTZ NOT NULL DEFAULT now(),
    applied_steps_count     INTEGER NOT NULL DEFAULT 0
)`;

/** The owner of the tables is fenced in by row-level security too: a migration acts for all projects. */
const SETTINGS = `SET search_path TO public; SET client_min_messages TO warning; SET fleetgraph.projects TO '*';`;

/**
 * Applies the migrations that the database lacks, in the order of their names, and records them exactly as Prisma's own
 * engine does, so that `prisma migrate deploy` and `status` agree. Each runs in a transaction of its own, with its record:
 * a process that dies meanwhile leaves nothing. Refuses to go on after a migration that failed or was edited. Returns
 * the names of those that it applied.
 */
export async function migrate(session: Session, folder: string): Promise<string[]> {
  await session.query('SELECT pg_advisory_lock($1::bigint)::text', [PRISMA_ADVISORY_LOCK]);
  try {
    await session.script(`${SETTINGS} ${CREATE_TABLE}`);
    const known = await readApplied(session);
    const applied: string[] = [];
    for (const migration of readMigrations(folder)) {
      const checksum = known.get(migration.name);
      if (checksum === undefined) {
        await apply(session, migration);
        applied.push(migration.name);
      } else if (!migration.checksums.includes(checksum)) {
        throw new Error(`Migration ${migration.name} was edited after it was applied.`);
      }
    }
    return applied;
  } finally {
    await session.query('SELECT pg_advisory_unlock($1::bigint)::text', [PRISMA_ADVISORY_LOCK]);
  }
}

const sha256 = (content: string | Buffer) => createHash('sha256').update(content).digest('hex');

function readMigrations(folder: string): Migration[] {
  return readdirSync(folder, { withFileTypes: true })
    .filter((entry) => entry.isDirectory() && existsSync(join(folder, entry.name, 'migration.sql')))
    .map((entry) => entry.name)
    .sort()
    .map((name) => {
      const bytes = readFileSync(join(folder, name, 'migration.sql'));
      const sql = bytes.toString('utf8');
      const unix = sql.replaceAll('\r\n', '\n');
      // Prisma stores the digest of the file as it is, and forgives a change of line ends.
      const checksum = sha256(bytes);
      return {
        name,
        sql,
        checksum,
        checksums: [checksum, sha256(unix), sha256(unix.replaceAll('\n', '\r\n'))],
      };
    });
}

async function readApplied(session: Session): Promise<Map<string, string>> {
  const rows = await session.query<Applied>(
    'SELECT migration_name, checksum, finished_at, rolled_back_at FROM "_prisma_migrations" ORDER BY started_at',
  );
  const failed = rows.find((row) => row.finished_at === null && row.rolled_back_at === null);
  if (failed) throw new Error(`Migration ${failed.migration_name} failed earlier and was not resolved.`);
  return new Map(
    rows.filter((row) => row.rolled_back_at === null).map((row) => [row.migration_name, row.checksum]),
  );
}

async function apply(session: Session, { name, sql, checksum }: Migration): Promise<void> {
  try {
    await session.script('BEGIN');
    await session.script(sql);
    await session.query(
      `INSERT INTO public."_prisma_migrations" (id, checksum, migration_name, finished_at, applied_steps_count)
       VALUES ($1, $2, $3, now(), 1)`,
      [randomUUID(), checksum, name],
    );
    await session.script('COMMIT');
  } catch (error) {
    await session.script('ROLLBACK');
    await session.query(
      'INSERT INTO public."_prisma_migrations" (id, checksum, migration_name, logs) VALUES ($1, $2, $3, $4)',
      [randomUUID(), checksum, name, String(error)],
    );
    throw new Error(`Migration ${name} failed: ${String(error)}`, { cause: error });
  }
}
