import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { exportJWK, generateKeyPair, SignJWT } from 'jose';

const ALGORITHM = 'ES256';

/** An issuer over HTTP whose tokens can be wrong in any way. It counts how often its keys are fetched. */
export async function startIssuerFixture() {
  const keys = new Map<string, Awaited<ReturnType<typeof generateKeyPair>>>();
  const addKey = async (id: string) => void keys.set(id, await generateKeyPair(ALGORITHM));
  await addKey('first');

  const fixture = { keyFetches: 0, isDown: false };
  const server = createServer((request, response) => {
    void answer(request.url).then((body) => response.writeHead(body ? 200 : 503).end(JSON.stringify(body)));
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const issuer = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;

  async function answer(path: string | undefined): Promise<object | null> {
    if (path === '/keys') fixture.keyFetches++;
    if (fixture.isDown) return null;
    if (path === '/.well-known/openid-configuration') return { issuer, jwks_uri: `${issuer}/keys` };
    const jwks = [...keys].map(async ([kid, { publicKey }]) => ({
      ...(await exportJWK(publicKey)),
      kid,
      alg: ALGORITHM,
    }));
    return { keys: await Promise.all(jwks) };
  }

  return Object.assign(fixture, {
    issuer,
    addKey,
    removeKey: (id: string) => keys.delete(id),
    /** A good token, but for what is given. A claim or header that is `undefined` is left out. */
    async token(
      {
        claims = {},
        header = {},
        expiresIn = 3600,
      }: { claims?: object; header?: object; expiresIn?: number } = {},
      signWith = 'first',
    ): Promise<string> {
      const key = keys.get(signWith)?.privateKey ?? (await generateKeyPair(ALGORITHM)).privateKey;
      const now = Math.floor(Date.now() / 1000);
      const payload = {
        iss: issuer,
        aud: 'fleetgraph',
        sub: 'user-1',
        iat: now,
        exp: now + expiresIn,
        preferred_username: 'operator',
        name: 'Omar',
        ...claims,
      };
      return new SignJWT(payload)
        .setProtectedHeader({ alg: ALGORITHM, typ: 'at+jwt', kid: signWith, ...header })
        .sign(key);
    },
    async [Symbol.asyncDispose]() {
      server.close();
      server.closeAllConnections();
      await once(server, 'close');
    },
  });
}
