import { randomBytes } from 'node:crypto';
import { afterAll, expect, test } from 'vitest';
import { testDatabase } from '../../test/testkit/testDatabase.js';
import { createSharedNonces } from './sharedNonces.js';

const database = await testDatabase();
afterAll(() => database[Symbol.asyncDispose]());

const newNonces = (count: number) =>
  Array.from({ length: count }, () => randomBytes(16).toString('base64url'));

test('of all replicas one accepts a call, however many are asked at once', async () => {
  const replicas = [1, 2, 3].map(() => createSharedNonces(database, 'toy'));
  const nonces = newNonces(200);
  const answers = await Promise.all(
    replicas.map((replica) => Promise.all(nonces.map((nonce) => replica.claim(nonce)))),
  );
  for (const index of nonces.keys())
    expect(answers.filter((ofReplica) => ofReplica[index] === true)).toHaveLength(1);
});

test('many calls at once cost few statements', async () => {
  let statements = 0;
  const prisma = database.prisma.$extends({
    query: {
      $allOperations({ args, query }) {
        statements++;
        return query(args);
      },
    },
  }) as unknown as typeof database.prisma;
  const replica = createSharedNonces({ prisma }, 'toy');
  const accepted = await Promise.all(newNonces(100).map((nonce) => replica.claim(nonce)));
  expect(accepted).not.toContain(false);
  expect(statements).toBeLessThan(10);
});

test('a call to another subgraph may have the same nonce', async () => {
  const [nonce = ''] = newNonces(1);
  expect(await createSharedNonces(database, 'toy').claim(nonce)).toBe(true);
  expect(await createSharedNonces(database, 'other').claim(nonce)).toBe(true);
});

test('while the database does not answer nobody is let in', async () => {
  const closed = await testDatabase();
  const replica = createSharedNonces(closed, 'toy');
  await closed[Symbol.asyncDispose]();
  await expect(replica.claim('nonce')).rejects.toMatchObject({ extensions: { code: 'UNAVAILABLE' } });
});
