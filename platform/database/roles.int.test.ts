import { afterAll, expect, test } from 'vitest';
import { testDatabase } from '../../test/testkit/testDatabase.js';

const database = await testDatabase();
afterAll(() => database[Symbol.asyncDispose]());
const { prisma } = database;

/** Rows of read models come and go. */
const ROWS = ['DELETE', 'INSERT', 'SELECT', 'UPDATE'];
/** What the role may less than that. History is added to by `eventlog.append` alone. */
const LESS: Readonly<Record<string, readonly string[]>> = {
  'eventlog.event': ['SELECT'],
  'eventlog.stream': ['SELECT'],
  'eventlog.command': ['INSERT', 'SELECT', 'UPDATE'],
  'eventlog.lease': ['INSERT', 'SELECT', 'UPDATE'],
  'governance.audit_place': ['INSERT', 'SELECT'],
};
const PRIVILEGES = [...ROWS, 'TRUNCATE', 'REFERENCES', 'TRIGGER'];

test('on each table the runtime role has the rights that it is allowed, and no other', async () => {
  const tables = await prisma.$queryRaw<{ name: string; rights: string[] }[]>`
    SELECT n.nspname || '.' || c.relname AS name, array(SELECT p FROM unnest(${PRIVILEGES}::text[]) AS p
      WHERE has_table_privilege('fleetgraph_runtime', c.oid, p) ORDER BY p) AS rights
    FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
    WHERE c.relkind IN ('r', 'p', 'v', 'm', 'f') AND n.nspname NOT IN ('pg_catalog', 'information_schema', 'public')
    ORDER BY 1`;
  expect(tables.length).toBeGreaterThan(40);
  expect(tables).toEqual(tables.map(({ name }) => ({ name, rights: LESS[name] ?? ROWS })));
});

test('the runtime role owns nothing, can create nothing, and has no power of its own', async () => {
  const [role] = await prisma.$queryRaw<object[]>`
    SELECT rolsuper, rolbypassrls, rolcreaterole, rolcreatedb, rolcanlogin, rolreplication,
      (SELECT count(*)::int FROM pg_class WHERE relowner = r.oid) AS relations,
      (SELECT count(*)::int FROM pg_proc WHERE proowner = r.oid) AS functions,
      (SELECT count(*)::int FROM pg_auth_members WHERE member = r.oid) AS memberships,
      has_database_privilege(r.oid, current_database(), 'CREATE') AS schemas,
      has_database_privilege(r.oid, current_database(), 'TEMPORARY') AS temporary,
      (SELECT count(*)::int FROM pg_namespace n WHERE has_schema_privilege(r.oid, n.oid, 'CREATE')) AS tables
    FROM pg_roles r WHERE rolname = 'fleetgraph_runtime'`;
  expect(role).toEqual({
    rolsuper: false,
    rolbypassrls: false,
    rolcreaterole: false,
    rolcreatedb: false,
    rolcanlogin: false,
    rolreplication: false,
    relations: 0,
    functions: 0,
    memberships: 0,
    schemas: false,
    temporary: false,
    tables: 0,
  });
});

test.each([
  'UPDATE eventlog.event SET position = 0',
  'DELETE FROM eventlog.event',
  'INSERT INTO eventlog.event SELECT * FROM eventlog.event',
  'UPDATE eventlog.stream SET version = 0',
  'TRUNCATE scheduling.job',
  'ALTER TABLE scheduling.job DISABLE ROW LEVEL SECURITY',
  'DROP POLICY project ON scheduling.job',
  'CREATE TABLE public.mine (n int)',
  'CREATE TEMPORARY TABLE mine (n int)',
])('the application is refused: %s', async (sql) => {
  const [session] = await prisma.$queryRaw<{ role: string }[]>`SELECT current_user::text AS role`;
  expect(session).toEqual({ role: 'fleetgraph_runtime' });
  await expect(prisma.$executeRawUnsafe(sql)).rejects.toThrow(/permission denied|must be owner/);
});
