import { expect, test } from 'vitest';
import { openDatabase } from './database.js';

const NUL = String.fromCharCode(0);

test('a query that the engine refuses, at whatever step, does not disturb the next ones', async () => {
  await using database = await openDatabase({ url: 'pglite:' });
  const { prisma } = database;
  const refused = [
    () => prisma.command.findFirst({ where: { key: NUL } }),
    () => prisma.$queryRaw`SELECT ${`a${NUL}`}::text`,
    () => prisma.$queryRaw`SELECT ${JSON.stringify({ a: NUL })}::jsonb`,
    () => prisma.$queryRaw`SELECT 1 / ${0}::int`,
    () => prisma.$queryRawUnsafe('SELCT'),
    () => prisma.$transaction((tx) => tx.command.findFirst({ where: { key: NUL } })),
  ];
  for (const refuse of refused) {
    await expect(refuse()).rejects.toThrow();
    expect(await prisma.event.count()).toBe(0);
    expect(await prisma.$queryRaw`SELECT ${1}::int AS one`).toEqual([{ one: 1 }]);
  }
});
