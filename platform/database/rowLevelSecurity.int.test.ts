import { afterAll, expect, test } from 'vitest';
import { testDatabase } from '../../test/testkit/testDatabase.js';
import { readerFor } from './scope.js';

const database = await testDatabase();
afterAll(() => database[Symbol.asyncDispose]());
const { prisma } = database;

const MINE = 'project_mine';
const THEIRS = 'project_theirs';
await prisma.knownJob.createMany({
  data: [MINE, THEIRS].map((projectId) => ({ id: `job_of_${projectId}`, projectId })),
});
const mine = readerFor(prisma, [MINE]);

type Reader = typeof prisma;
const countRows = async (reader: Pick<Reader, '$queryRaw'>): Promise<number> => {
  const [row] = await reader.$queryRaw<
    { count: number }[]
  >`SELECT count(*)::int AS count FROM resources.known_job`;
  return row?.count ?? -1;
};

test('each table with a project id has the policy, forced on its owner too, and no other', async () => {
  const tables = await prisma.$queryRaw<{ name: string; forced: boolean; policies: string[] }[]>`
    SELECT n.nspname || '.' || c.relname AS name, c.relrowsecurity AND c.relforcerowsecurity AS forced,
      array(SELECT polname || ' ' || pg_get_expr(polqual, polrelid) FROM pg_policy
        WHERE polrelid = c.oid AND polcmd = '*' AND polroles = '{0}' AND polpermissive) AS policies
    FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace JOIN pg_attribute a ON a.attrelid = c.oid
    WHERE c.relkind IN ('r', 'p') AND a.attname = 'project_id' AND NOT a.attisdropped AND n.nspname <> 'pg_catalog'
    ORDER BY 1`;
  expect(tables.length).toBeGreaterThan(20);
  const fenced = tables.find(({ name }) => name === 'scheduling.job');
  expect(fenced?.policies).toEqual([expect.stringContaining('fleetgraph.projects')]);
  for (const table of tables) expect(table).toEqual({ ...fenced, name: table.name, forced: true });
});

test("a reader for a caller sees their projects' rows and no others, whatever it asks", async () => {
  expect(await mine.knownJob.findMany()).toEqual([
    { id: `job_of_${MINE}`, projectId: MINE, hasEnded: false },
  ]);
  expect(await mine.knownJob.findMany({ where: { projectId: THEIRS } })).toEqual([]);
  expect(await countRows(mine)).toBe(1);
  expect(await countRows(readerFor(prisma, []))).toBe(0);
  expect(await countRows(readerFor(prisma, [MINE, THEIRS]))).toBe(2);
  expect(await countRows(readerFor(prisma, 'ALL'))).toBe(2);
});

test('readers for several callers and the system do not see with each other’s eyes', async () => {
  const theirs = readerFor(prisma, [THEIRS]);
  const rounds = Array.from({ length: 50 }, () =>
    Promise.all([mine.knownJob.findMany(), prisma.knownJob.findMany(), theirs.knownJob.findMany()]),
  );
  for (const [ofMine, ofAll, ofTheirs] of await Promise.all(rounds)) {
    expect(ofMine.map(({ projectId }) => projectId)).toEqual([MINE]);
    expect(ofAll).toHaveLength(2);
    expect(ofTheirs.map(({ projectId }) => projectId)).toEqual([THEIRS]);
  }
});

test('a reader for a caller changes nothing, and has no unique reads', async () => {
  await expect(mine.knownJob.updateMany({ data: { hasEnded: true } })).rejects.toThrow('read-only');
  await expect(mine.$executeRaw`DELETE FROM resources.known_job`).rejects.toThrow('read-only');
  await expect(mine.knownJob.findUnique({ where: { id: `job_of_${MINE}` } })).rejects.toThrow('unique');
});

test('the system sees and writes all, in a transaction too, and what comes after one is as before it', async () => {
  await prisma.$transaction(async (tx) => {
    expect(await countRows(tx)).toBe(2);
    expect((await tx.knownJob.updateMany({ data: { hasEnded: false } })).count).toBe(2);
    expect(await countRows(tx)).toBe(2);
  });
  await expect(
    prisma.$transaction(async (tx) => {
      await tx.knownJob.deleteMany();
      throw new Error('give up');
    }),
  ).rejects.toThrow('give up');
  await expect(prisma.$queryRaw`SELECT 1 / 0`).rejects.toThrow('division');
  expect(await countRows(mine)).toBe(1);
  expect(await countRows(prisma)).toBe(2);
});

test('who does not say for whom sees nothing', async () => {
  await prisma.$transaction(async (tx) => {
    await tx.$queryRaw`SELECT set_config('fleetgraph.projects', '', true)`;
    expect(await countRows(tx)).toBe(0);
  });
});
