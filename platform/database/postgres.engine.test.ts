import pg from 'pg';
import { afterAll, expect, test } from 'vitest';
import { startPostgres } from '../../test/engines/postgres.js';
import { openDatabase } from './database.js';
import { sqlState } from './failures.js';
import { readerFor } from './scope.js';

const server = await startPostgres();
afterAll(() => server[Symbol.asyncDispose]());
let databases = 0;

/** An empty database whose owner is no superuser, as a company has it. */
async function ownedDatabase(): Promise<string> {
  const name = `owned_${(databases += 1)}`;
  await administer(`CREATE ROLE ${name} LOGIN CREATEROLE`);
  await administer(`CREATE DATABASE ${name} OWNER ${name}`);
  const url = new URL(server.url);
  url.username = name;
  url.pathname = `/${name}`;
  return url.href;
}

async function administer(sql: string): Promise<void> {
  await using client = await connect(server.url);
  await client.query(sql);
}

async function connect(url: string) {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  return Object.assign(client, { [Symbol.asyncDispose]: () => client.end() });
}

test('of several processes that start at once on an empty database one migrates, and the others wait for it', async () => {
  const url = await ownedDatabase();
  const opened = await Promise.all(Array.from({ length: 4 }, () => openDatabase({ url, poolMax: 2 })));
  try {
    const [migrated, ...more] = opened.map((database) => database.migrated.length).sort((a, b) => b - a);
    expect(migrated).toBeGreaterThan(5);
    expect(more).toEqual([0, 0, 0]);
    for (const { prisma } of opened) expect(await prisma.event.count()).toBe(0);
  } finally {
    for (const database of opened) await database[Symbol.asyncDispose]();
  }
});

test('the owner of the tables is fenced in too: without saying for whom it sees no rows', async () => {
  const url = await ownedDatabase();
  await using database = await openDatabase({ url, poolMax: 2 });
  await database.prisma.knownJob.create({ data: { id: 'job_1', projectId: 'project_1' } });
  await using owner = await connect(url);
  const count = async () => (await owner.query('SELECT FROM resources.known_job')).rowCount;
  expect(await count()).toBe(0);
  await owner.query(`SET fleetgraph.projects = '*'`);
  expect(await count()).toBe(1);
  expect(await readerFor(database.prisma, ['project_2']).knownJob.count()).toBe(0);
  expect(await readerFor(database.prisma, ['project_1']).knownJob.count()).toBe(1);
});

test('a statement that takes longer than it may is ended, and the connection is good for the next', async () => {
  await using database = await openDatabase({ url: server.url, poolMax: 2, statementTimeoutMs: 200 });
  const error: unknown = await database.prisma.$queryRaw`SELECT pg_sleep(30)::text`.catch((e: unknown) => e);
  expect(sqlState(error)).toBe('57014');
  expect(await database.prisma.$queryRaw`SELECT 1 AS one`).toEqual([{ one: 1 }]);
});

test('a transaction of a process that stands still is ended, so that others get what it has locked', async () => {
  const idleTransactionTimeoutMs = 300;
  await using database = await openDatabase({ url: server.url, poolMax: 2, idleTransactionTimeoutMs });
  const { prisma } = database;
  const lock = 'SELECT pg_advisory_xact_lock(1)::text';
  const stands = prisma.$transaction(async (tx) => {
    await tx.$queryRawUnsafe(lock);
    await prisma.$queryRawUnsafe(lock);
    return 'the lock was had by two';
  });
  await expect(stands).rejects.toThrow();
});
