import { expect, test } from 'vitest';
import { createAuthenticator } from './authenticate.js';
import { unauthenticated } from './errors.js';
import type { Principal } from './principal.js';
import type { TokenClaims, TokenVerifier } from './tokenVerifier.js';

const principalOf = (username: string, everywhere: string[] = []): Principal => ({
  id: `user_${username}`,
  kind: 'USER',
  displayName: username,
  everywhere,
  projects: {},
});

/** Tokens are usernames here; the directory of users can be changed and held up. */
function arrange() {
  const hand = { seconds: 0 };
  const clock = () => new Date(hand.seconds * 1000);
  const counts = { verified: 0, resolved: 0 };
  const users = new Map([
    ['rita', principalOf('rita')],
    ['omar', principalOf('omar')],
  ]);
  const directory = { answer: () => Promise.resolve() };
  const verifier: TokenVerifier = {
    verify(token): Promise<TokenClaims> {
      counts.verified++;
      if (token === 'forged') return Promise.reject(unauthenticated('signature'));
      const expiresAt = new Date(60_000);
      return Promise.resolve({
        issuer: 'issuer',
        subject: `sub-${token}`,
        username: token,
        name: token,
        expiresAt,
      });
    },
  };
  const { authenticate, drop } = createAuthenticator({
    verifier,
    clock,
    resolvePrincipal: async ({ username }) => {
      counts.resolved++;
      const principal = users.get(username) ?? null;
      await directory.answer();
      return principal;
    },
  });
  const as = (username: string) => authenticate({ authorization: `Bearer ${username}` });
  return { hand, counts, users, directory, authenticate, as, drop };
}

const refusal = (reason: string) => ({ extensions: { code: 'UNAUTHENTICATED', details: { reason } } });

test('a bearer becomes a principal with its id and the end of its token', async () => {
  const { authenticate } = arrange();
  const expected = { principal: principalOf('rita'), id: 'user_rita', expiresAt: new Date(60_000) };
  expect(await authenticate({ authorization: 'Bearer rita' })).toEqual(expected);
  expect(await authenticate({ authorization: 'bearer  rita ' })).toEqual(expected);
});

test.each([
  ['missing', undefined],
  ['missing', ''],
  ['malformed', 'Basic cml0YTpwdw=='],
  ['malformed', 'Bearer'],
  ['malformed', 'Bearer rita omar'],
  ['signature', 'Bearer forged'],
  ['unknown_user', 'Bearer nobody'],
])('%s: the header %j is refused', async (reason, authorization) => {
  await expect(arrange().authenticate({ authorization })).rejects.toMatchObject(refusal(reason));
});

test('rights are looked up once in 5 seconds', async () => {
  const { hand, counts, users, as } = arrange();
  await as('rita');
  users.set('rita', principalOf('rita', ['gpu.read']));
  hand.seconds = 4.9;
  expect((await as('rita')).principal.everywhere).toEqual([]);
  hand.seconds = 5;
  expect((await as('rita')).principal.everywhere).toEqual(['gpu.read']);
  expect(counts.resolved).toBe(2);
});

test('dropping one principal forgets its rights at once, and nobody else’s', async () => {
  const { counts, users, as, drop } = arrange();
  await Promise.all([as('rita'), as('omar')]);
  users.set('rita', principalOf('rita', ['gpu.read']));
  drop('user_rita');
  expect((await as('rita')).principal.everywhere).toEqual(['gpu.read']);
  await as('omar');
  expect(counts.resolved).toBe(3);
});

test('dropping all forgets everybody', async () => {
  const { counts, as, drop } = arrange();
  await Promise.all([as('rita'), as('omar')]);
  drop();
  await Promise.all([as('rita'), as('omar')]);
  expect(counts.resolved).toBe(4);
});

test('somebody who was unknown is known at once after any change of access', async () => {
  const { users, as, drop } = arrange();
  await expect(as('vera')).rejects.toMatchObject(refusal('unknown_user'));
  users.set('vera', principalOf('vera'));
  drop('user_vera');
  expect((await as('vera')).id).toBe('user_vera');
});

test('a look-up under way when access changes is not kept', async () => {
  const { counts, directory, users, as, drop } = arrange();
  const held: (() => void)[] = [];
  directory.answer = () => new Promise((resolve) => held.push(resolve));
  const before = as('rita');
  await expect.poll(() => counts.resolved).toBe(1);
  users.set('rita', principalOf('rita', ['gpu.read']));
  drop('user_rita');
  const after = as('rita');
  await expect.poll(() => counts.resolved).toBe(2);
  held.forEach((resolve) => resolve());
  expect((await before).principal.everywhere).toEqual([]);
  expect((await after).principal.everywhere).toEqual(['gpu.read']);
});

test('callers at the same moment share one look-up', async () => {
  const { counts, as } = arrange();
  await Promise.all(Array.from({ length: 100 }, () => as('rita')));
  expect(counts).toEqual({ verified: 1, resolved: 1 });
});

test('a failed look-up is not kept', async () => {
  const { directory, as } = arrange();
  const { answer } = directory;
  directory.answer = () => Promise.reject(new Error('directory is away'));
  await expect(as('rita')).rejects.toThrow('directory is away');
  directory.answer = answer;
  expect((await as('rita')).id).toBe('user_rita');
});

test('a token that runs out while its rights are cached is refused', async () => {
  const { hand, as } = arrange();
  hand.seconds = 88;
  await as('rita');
  hand.seconds = 91;
  await expect(as('rita')).rejects.toMatchObject(refusal('expired'));
});
