import { expect, test } from 'vitest';
import { testDatabase } from '../../test/testkit/testDatabase.js';

test('a fresh database is migrated and cannot be made to forget an event', async () => {
  await using database = await testDatabase();
  const { prisma } = database;
  const event = {
    id: '0192f0c0-0000-7000-8000-000000000001',
    streamId: 's',
    version: 1,
    type: 'T',
    schemaVersion: 1,
    data: { a: 1 },
    projectId: null,
    actor: { id: 'user_1', kind: 'USER' },
    requestId: 'r',
    correlationId: 'c',
    occurredAt: new Date().toISOString(),
  };
  const append = () =>
    prisma.$queryRaw`SELECT eventlog.append('test', 0, ${JSON.stringify([event])}::jsonb)::text AS position`;
  expect(await append()).toEqual([{ position: '1' }]);
  await expect(prisma.$executeRaw`UPDATE eventlog.event SET type = 'X'`).rejects.toThrow('permission denied');
  await expect(prisma.$executeRaw`DELETE FROM eventlog.event`).rejects.toThrow('permission denied');
});
