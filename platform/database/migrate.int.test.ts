import type { PGlite } from '@electric-sql/pglite';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { migratedTemplate } from '../../test/testkit/pgliteTemplate.js';
import { migrate } from './migrate.js';
import { pgliteSession, startPglite } from './pglite.js';

const template = await migratedTemplate();
const servers: PGlite[] = [];
afterAll(async () => {
  for (const server of servers) await server.close();
});

/** A database without migrations, and a folder to write some into. */
async function arrange() {
  const db = await startPglite('memory://', template);
  servers.push(db);
  await db.exec('DROP TABLE public."_prisma_migrations"');
  const folder = mkdtempSync(join(tmpdir(), 'fleetgraph-migrations-'));
  const session = pgliteSession(db);
  return {
    session,
    folder,
    run: () => migrate(session, folder),
    write(name: string, sql: string) {
      mkdirSync(join(folder, name), { recursive: true });
      writeFileSync(join(folder, name, 'migration.sql'), sql);
    },
    [Symbol.dispose]: () => rmSync(folder, { recursive: true, force: true }),
  };
}

test('migrations are applied once, in the order of their names', async () => {
  using world = await arrange();
  world.write('2_second', 'INSERT INTO public.t VALUES (2)');
  world.write('1_first', 'CREATE TABLE public.t (n int); INSERT INTO public.t VALUES (1)');
  expect(await world.run()).toEqual(['1_first', '2_second']);
  world.write('3_third', 'INSERT INTO public.t VALUES (3)');
  expect(await world.run()).toEqual(['3_third']);
  expect(await world.run()).toEqual([]);
  expect(await world.session.query('SELECT n FROM public.t')).toEqual([{ n: 1 }, { n: 2 }, { n: 3 }]);
});

test('a migration that fails leaves nothing behind but its record, and stops every later start', async () => {
  using world = await arrange();
  world.write('1_first', 'CREATE TABLE public.t (n int); SELECT no_such_function()');
  await expect(world.run()).rejects.toThrow('1_first failed');
  await expect(world.run()).rejects.toThrow('failed earlier and was not resolved');
  expect(await world.session.query(`SELECT to_regclass('public.t')::text AS t`)).toEqual([{ t: null }]);
});

test('a process that dies in the middle of a migration leaves nothing: the next start applies it', async () => {
  using world = await arrange();
  world.write('1_first', 'CREATE TABLE public.t (n int)');
  // A session whose process is gone before it could commit: the server rolls it back.
  const script = (sql: string) => world.session.script(sql === 'COMMIT' ? 'ROLLBACK' : sql);
  await migrate({ ...world.session, script }, world.folder);
  expect(await world.run()).toEqual(['1_first']);
});

test('an edited migration is refused, a change of its line ends is forgiven', async () => {
  using world = await arrange();
  world.write('1_first', 'CREATE TABLE public.t (n int);\n');
  await world.run();
  world.write('1_first', 'CREATE TABLE public.t (n int);\r\n');
  expect(await world.run()).toEqual([]);
  world.write('1_first', 'CREATE TABLE public.t (n bigint);\n');
  await expect(world.run()).rejects.toThrow('was edited');
});
