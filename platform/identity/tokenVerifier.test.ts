import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { base64url, exportJWK, generateKeyPair, SignJWT, UnsecuredJWT } from 'jose';
import { expect, test } from 'vitest';
import { startIssuerFixture } from './issuer.fixture.js';
import { createTokenVerifier, type TrustedIssuer } from './tokenVerifier.js';

type Issuer = Awaited<ReturnType<typeof startIssuerFixture>>;

function verifierOf(
  { issuer }: { issuer: string },
  options: Partial<TrustedIssuer> & { clock?: () => Date } = {},
) {
  const { clock = () => new Date(), ...trust } = options;
  return createTokenVerifier({
    issuers: [{ issuer, audience: 'fleetgraph', algorithms: ['ES256'], ...trust }],
    clock,
  });
}

const refusal = (reason: string) => ({
  extensions: { code: 'UNAUTHENTICATED', retryable: false, details: { reason } },
});

/** A clock that is set by hand, in seconds from now. */
function clockByHand() {
  const hand = { seconds: 0 };
  const started = Date.now();
  return Object.assign(hand, { now: () => new Date(started + hand.seconds * 1000) });
}

test('a good access token says who its bearer is', async () => {
  await using issuer = await startIssuerFixture();
  const claims = await verifierOf(issuer).verify(
    await issuer.token({ claims: { email: 'omar@acme.example', aud: ['other', 'fleetgraph'] } }),
  );
  expect(claims).toEqual({
    issuer: issuer.issuer,
    subject: 'user-1',
    username: 'operator',
    name: 'Omar',
    email: 'omar@acme.example',
    expiresAt: expect.any(Date) as Date,
  });
});

test('a bearer without a display name goes by the username', async () => {
  await using issuer = await startIssuerFixture();
  expect(await verifierOf(issuer).verify(await issuer.token({ claims: { name: undefined } }))).toMatchObject({
    name: 'operator',
  });
});

const refused: [title: string, reason: string, token: (issuer: Issuer) => Promise<string> | string][] = [
  ['no token at all', 'malformed', () => ''],
  ['text that is no token', 'malformed', () => 'a.b.c'],
  [
    'a token of more than 16 KiB',
    'malformed',
    (issuer) => issuer.token({ claims: { padding: 'x'.repeat(16 * 1024) } }),
  ],
  ['an ID token', 'type', (issuer) => issuer.token({ header: { typ: 'JWT' } })],
  ['a token of no type', 'type', (issuer) => issuer.token({ header: { typ: undefined } })],
  [
    'a token of another issuer',
    'issuer',
    (issuer) => issuer.token({ claims: { iss: 'https://other.example' } }),
  ],
  [
    'an issuer that differs by a slash',
    'issuer',
    (issuer) => issuer.token({ claims: { iss: `${issuer.issuer}/` } }),
  ],
  ['a token without issuer', 'issuer', (issuer) => issuer.token({ claims: { iss: undefined } })],
  [
    'a token for another audience',
    'audience',
    (issuer) => issuer.token({ claims: { aud: 'fleetgraph-console' } }),
  ],
  ['a token without audience', 'audience', (issuer) => issuer.token({ claims: { aud: undefined } })],
  ['an expired token', 'expired', (issuer) => issuer.token({ expiresIn: -31 })],
  ['a token that never expires', 'claims', (issuer) => issuer.token({ claims: { exp: undefined } })],
  [
    'a token that is not yet valid',
    'not_yet_valid',
    (issuer) => issuer.token({ claims: { nbf: Date.now() / 1000 + 60 } }),
  ],
  ['a token without subject', 'claims', (issuer) => issuer.token({ claims: { sub: undefined } })],
  [
    'a token without username',
    'claims',
    (issuer) => issuer.token({ claims: { preferred_username: undefined } }),
  ],
  [
    'a username that is no text',
    'claims',
    (issuer) => issuer.token({ claims: { preferred_username: { $ne: null } } }),
  ],
  ['a key that the issuer does not publish', 'key', (issuer) => issuer.token({}, 'unknown')],
  ['a key id without end', 'key', (issuer) => issuer.token({ header: { kid: 'k'.repeat(201) } })],
  [
    'a signature by another key under a known id',
    'signature',
    (issuer) => issuer.token({ header: { kid: 'first' } }, 'forged'),
  ],
  ['an unsigned token', 'algorithm', (issuer) => unsigned(issuer)],
  ['a token signed with the public key as a secret', 'algorithm', (issuer) => signedWithPublicKey(issuer)],
];

function unsigned({ issuer }: Issuer): string {
  const token = new UnsecuredJWT({ preferred_username: 'operator' })
    .setIssuer(issuer)
    .setAudience('fleetgraph')
    .setSubject('user-1');
  const [, payload] = token.setExpirationTime('1h').encode().split('.');
  return `${base64url.encode(JSON.stringify({ alg: 'none', typ: 'at+jwt' }))}.${payload}.`;
}

function signedWithPublicKey({ issuer }: Issuer): Promise<string> {
  return new SignJWT({ iss: issuer, aud: 'fleetgraph', sub: 'user-1', preferred_username: 'operator' })
    .setExpirationTime('1h')
    .setProtectedHeader({ alg: 'HS256', typ: 'at+jwt', kid: 'first' })
    .sign(new TextEncoder().encode('what anybody can fetch from the issuer'));
}

test.each(refused)('%s is refused: %s', async (_title, reason, makeToken) => {
  await using issuer = await startIssuerFixture();
  const verifier = verifierOf(issuer);
  await expect(verifier.verify(await makeToken(issuer))).rejects.toMatchObject(refusal(reason));
  expect(await verifier.verify(await issuer.token())).toMatchObject({ username: 'operator' });
});

test('clocks may differ by 30 seconds and no more', async () => {
  await using issuer = await startIssuerFixture();
  const verifier = verifierOf(issuer);
  await verifier.verify(await issuer.token({ expiresIn: -25 }));
  await verifier.verify(await issuer.token({ claims: { nbf: Date.now() / 1000 + 25 } }));
});

test('a token cannot bring its own key, nor say where keys are', async () => {
  let visits = 0;
  const elsewhere = createServer((_request, response) => {
    visits++;
    response.end('{"keys":[]}');
  });
  elsewhere.listen(0, '127.0.0.1');
  await once(elsewhere, 'listening');
  const url = `http://127.0.0.1:${(elsewhere.address() as AddressInfo).port}`;

  await using issuer = await startIssuerFixture();
  const attacker = await generateKeyPair('ES256', { extractable: true });
  const forged = await new SignJWT({
    iss: issuer.issuer,
    aud: 'fleetgraph',
    sub: 'user-1',
    preferred_username: 'org-admin',
  })
    .setExpirationTime('1h')
    .setProtectedHeader({
      alg: 'ES256',
      typ: 'at+jwt',
      kid: 'first',
      jwk: await exportJWK(attacker.publicKey),
      jku: url,
      x5u: url,
    })
    .sign(attacker.privateKey);

  await expect(verifierOf(issuer).verify(forged)).rejects.toMatchObject(refusal('signature'));
  expect(visits).toBe(0);
  elsewhere.close();
  await once(elsewhere, 'close');
});

test('an algorithm that the issuer was not trusted with is refused, although the key would fit', async () => {
  await using issuer = await startIssuerFixture();
  await expect(
    verifierOf(issuer, { algorithms: ['RS256'] }).verify(await issuer.token()),
  ).rejects.toMatchObject(refusal('algorithm'));
});

test('a flood of unknown key ids makes one fetch in 30 seconds', async () => {
  await using issuer = await startIssuerFixture();
  const clock = clockByHand();
  const verifier = verifierOf(issuer, { clock: clock.now, jwksUri: `${issuer.issuer}/keys` });
  await verifier.verify(await issuer.token());
  expect(issuer.keyFetches).toBe(1);

  const flood = async () => {
    const tokens = await Promise.all(
      Array.from({ length: 50 }, (_, index) => issuer.token({}, `unknown-${index}`)),
    );
    const outcomes = await Promise.allSettled(tokens.map((token) => verifier.verify(token)));
    expect(outcomes.every(({ status }) => status === 'rejected')).toBe(true);
  };
  clock.seconds = 29;
  await flood();
  expect(issuer.keyFetches).toBe(1);
  clock.seconds = 31;
  await flood();
  await flood();
  expect(issuer.keyFetches).toBe(2);

  issuer.isDown = true;
  clock.seconds = 62;
  await flood();
  await flood();
  expect(issuer.keyFetches).toBe(3);
  await verifier.verify(await issuer.token());
});

test('a key id of more than 200 characters is not even looked for', async () => {
  await using issuer = await startIssuerFixture();
  const clock = clockByHand();
  const verifier = verifierOf(issuer, { clock: clock.now });
  await verifier.verify(await issuer.token());
  clock.seconds = 31;
  const refuse = async (length: number) =>
    expect(verifier.verify(await issuer.token({}, 'k'.repeat(length)))).rejects.toMatchObject(refusal('key'));
  await refuse(201);
  expect(issuer.keyFetches).toBe(1);
  await refuse(200);
  expect(issuer.keyFetches).toBe(2);
});

test('a new key is accepted once the cooldown has passed, a withdrawn one no longer after ten minutes', async () => {
  await using issuer = await startIssuerFixture();
  const clock = clockByHand();
  const verifier = verifierOf(issuer, { clock: clock.now });
  const old = await issuer.token();
  await verifier.verify(old);

  await issuer.addKey('second');
  clock.seconds = 31;
  await verifier.verify(await issuer.token({}, 'second'));

  issuer.removeKey('first');
  clock.seconds = 31 + 10 * 60;
  await expect(verifier.verify(old)).rejects.toMatchObject(refusal('key'));
});

test('while the issuer is away its last keys stay good for an hour, and without any the caller is told to try again', async () => {
  await using issuer = await startIssuerFixture();
  const clock = clockByHand();
  const verifier = verifierOf(issuer, { clock: clock.now });
  const token = await issuer.token({ expiresIn: 24 * 3600 });
  const isUnavailable = { extensions: { code: 'UNAVAILABLE', retryable: true } };

  issuer.isDown = true;
  await expect(verifier.verify(token)).rejects.toMatchObject(isUnavailable);
  issuer.isDown = false;
  clock.seconds = 2;
  await verifier.verify(token);

  issuer.isDown = true;
  clock.seconds = 3_000;
  await verifier.verify(token);
  clock.seconds = 3_700;
  await expect(verifier.verify(token)).rejects.toMatchObject(isUnavailable);
});

test('an issuer over plain http, an empty audience and shared-secret algorithms are refused at once', () => {
  const trust = { issuer: 'https://issuer.example', audience: 'fleetgraph', algorithms: ['RS256'] } as const;
  expect(() => createTokenVerifier({ issuers: [trust] })).not.toThrow();
  expect(() => createTokenVerifier({ issuers: [{ ...trust, issuer: 'http://issuer.example' }] })).toThrow(
    'https',
  );
  expect(() => createTokenVerifier({ issuers: [{ ...trust, audience: '' }] })).toThrow('audience');
  expect(() => createTokenVerifier({ issuers: [{ ...trust, algorithms: [] }] })).toThrow('algorithms');
  expect(() => createTokenVerifier({ issuers: [{ ...trust, algorithms: ['HS256' as 'RS256'] }] })).toThrow(
    'algorithms',
  );
});
