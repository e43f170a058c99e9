import type { PGlite } from '@electric-sql/pglite';
import { migrationsFolder } from '../../platform/database/database.js';
import { migrate } from '../../platform/database/migrate.js';
import { pgliteSession, startPglite } from '../../platform/database/pglite.js';
import { migratedTemplate } from './pgliteTemplate.js';

/** Engines that are as the migrations leave them, and that nobody has: a start takes longer than most tests. */
const idle: PGlite[] = [];

export async function takeEngine(): Promise<PGlite> {
  const engine = idle.pop();
  if (engine) return engine;
  const started = await startPglite('memory://', await migratedTemplate());
  await migrate(pgliteSession(started), migrationsFolder);
  return started;
}

/** Only for an engine whose tables are those of the migrations, and that has no client any more. */
export async function giveEngine(engine: PGlite): Promise<void> {
  for (const statement of ['ROLLBACK', 'RESET ROLE', 'DISCARD ALL', EMPTY]) await engine.exec(statement);
  idle.push(engine);
}

/** Every row goes but those that the migrations put there. */
const EMPTY = `
  DO $empty$
  DECLARE
    place record;
    is_filled boolean;
    filled text[] := '{}';
  BEGIN
    FOR place IN SELECT format('%I.%I', schemaname, tablename) AS name FROM pg_tables
      WHERE schemaname NOT IN ('pg_catalog', 'information_schema', 'public')
    LOOP
      EXECUTE 'SELECT EXISTS (SELECT FROM ' || place.name || ')' INTO is_filled;
      IF is_filled THEN filled := filled || place.name; END IF;
    END LOOP;
    EXECUTE 'TRUNCATE ' || array_to_string(filled, ', ') || ' RESTART IDENTITY CASCADE';
    INSERT INTO governance.audit_head (sequence) VALUES (0);
  END $empty$`;
