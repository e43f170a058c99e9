import { createHash, randomBytes } from 'node:crypto';
import { mkdtemp, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { decodeJwt, decodeProtectedHeader } from 'jose';
import { expect, onTestFinished, test } from 'vitest';
import { createTokenVerifier } from '../../platform/identity/tokenVerifier.js';
import { createBrowser } from './browser.fixture.js';
import { demoUsers } from './demoUsers.js';
import { createDevelopmentIssuer, type DevelopmentIssuerOptions } from './issuer.js';

async function temporaryFolder() {
  const folder = await mkdtemp(join(tmpdir(), 'fleetgraph-issuer-'));
  onTestFinished(() => rm(folder, { recursive: true }));
  return folder;
}

async function startIssuer(options: Partial<DevelopmentIssuerOptions> = {}) {
  const dataDir = options.dataDir ?? (await temporaryFolder());
  const failures: Error[] = [];
  const issuer = await createDevelopmentIssuer({
    port: 0,
    users: demoUsers,
    onError: (error) => failures.push(error),
    ...options,
    dataDir,
  });
  onTestFinished(async () => {
    await issuer.close();
    expect(failures).toEqual([]);
  });
  return issuer;
}

const verifierOf = (issuer: string) =>
  createTokenVerifier({ issuers: [{ issuer, audience: 'fleetgraph', algorithms: ['ES256'] }] });

const redirectUri = 'http://127.0.0.1:4000/graphql';

function authorizationUrl(issuer: string, parameters: Record<string, string> = {}) {
  const verifier = randomBytes(32).toString('base64url');
  const query = new URLSearchParams({
    client_id: 'fleetgraph-console',
    response_type: 'code',
    redirect_uri: redirectUri,
    scope: 'openid profile email',
    state: 'a state',
    code_challenge: createHash('sha256').update(verifier).digest('base64url'),
    code_challenge_method: 'S256',
    ...parameters,
  });
  return { url: `${issuer}/auth?${query.toString()}`, verifier };
}

const exchange = (issuer: string, form: Record<string, string>, origin = 'http://127.0.0.1:4000') =>
  fetch(`${issuer}/token`, {
    method: 'POST',
    headers: { origin },
    body: new URLSearchParams({ grant_type: 'authorization_code', client_id: 'fleetgraph-console', ...form }),
  });

const developmentToken = (issuer: string, username: string, headers: Record<string, string> = {}) =>
  fetch(`${issuer}/token`, {
    method: 'POST',
    headers,
    body: new URLSearchParams({
      grant_type: 'urn:fleetgraph:development',
      client_id: 'fleetgraph-scripts',
      username,
    }),
  });

test('a person who picks a user in the browser ends up with an access token of that user', async () => {
  const { issuer } = await startIssuer();
  const browser = createBrowser({ stopAt: redirectUri });
  const { url, verifier } = authorizationUrl(issuer);

  const login = await browser.open(url);
  expect(login.status).toBe(200);
  expect(login.text).toContain('there are no passwords');
  for (const { username } of demoUsers) expect(login.text).toContain(`value="${username}"`);

  const callback = await browser.submit(login, { username: 'vision-researcher' });
  const answer = new URL(callback.url).searchParams;
  expect(Object.fromEntries(answer)).toMatchObject({ state: 'a state', iss: issuer });

  const response = await exchange(issuer, {
    code: answer.get('code') ?? '',
    redirect_uri: redirectUri,
    code_verifier: verifier,
  });
  expect(response.headers.get('access-control-allow-origin')).toBe('http://127.0.0.1:4000');
  const tokens = (await response.json()) as { access_token: string; id_token: string; expires_in: number };
  expect(tokens.expires_in).toBe(3600);
  expect(decodeProtectedHeader(tokens.access_token)).toMatchObject({ typ: 'at+jwt', alg: 'ES256' });
  expect(await verifierOf(issuer).verify(tokens.access_token)).toMatchObject({
    issuer,
    subject: 'demo-vision-researcher',
    username: 'vision-researcher',
    name: 'Rita Vision',
    email: 'vision-researcher@acme.example',
  });
  await expect(verifierOf(issuer).verify(tokens.id_token)).rejects.toMatchObject({
    extensions: { code: 'UNAUTHENTICATED' },
  });
});

test('a browser that is logged in gets its next code without asking', async () => {
  const { issuer } = await startIssuer();
  const browser = createBrowser({ stopAt: redirectUri });
  await browser.submit(await browser.open(authorizationUrl(issuer).url), { username: 'finops' });
  const silent = await browser.open(authorizationUrl(issuer).url);
  expect(new URL(silent.url).searchParams.get('code')).toMatch(/./);
});

test.each(['login', 'select_account'])(
  'with prompt=%s the person may become somebody else',
  async (prompt) => {
    const { issuer } = await startIssuer();
    const browser = createBrowser({ stopAt: redirectUri });
    await browser.submit(await browser.open(authorizationUrl(issuer).url), { username: 'finops' });

    const { url, verifier } = authorizationUrl(issuer, { prompt });
    const callback = await browser.submit(await browser.open(url), { username: 'auditor' });
    const code = new URL(callback.url).searchParams.get('code') ?? '';
    const response = await exchange(issuer, { code, redirect_uri: redirectUri, code_verifier: verifier });
    const { access_token: token } = (await response.json()) as { access_token: string };
    expect(decodeJwt(token)).toMatchObject({ preferred_username: 'auditor' });
  },
);

test('tokens are for Fleetgraph only: another resource is refused', async () => {
  const { issuer } = await startIssuer();
  const open = (resource: string) =>
    createBrowser({ stopAt: redirectUri }).open(authorizationUrl(issuer, { resource }).url);
  expect((await open('urn:fleetgraph:api')).text).toContain('there are no passwords');
  expect(new URL((await open('https://other.example')).url).searchParams.get('error')).toBe('invalid_target');
});

test('a cancelled login tells the console so', async () => {
  const { issuer } = await startIssuer();
  const browser = createBrowser({ stopAt: redirectUri });
  const callback = await browser.submit(await browser.open(authorizationUrl(issuer).url), { cancel: 'yes' });
  expect(new URL(callback.url).searchParams.get('error')).toBe('access_denied');
});

test.each([
  ['http://127.0.0.1:51234/graphql', 200],
  ['http://localhost:4000/graphql', 200],
  ['http://[::1]:80/graphql', 200],
  ['https://evil.example/graphql', 400],
  ['http://127.0.0.1:4000/other', 400],
  ['http://127.0.0.1.evil.example/graphql', 400],
])(
  'the code goes to the console on any port of this machine, and nowhere else: %s',
  async (redirect, status) => {
    const { issuer } = await startIssuer();
    const { url } = authorizationUrl(issuer, { redirect_uri: redirect });
    const page = await createBrowser({ stopAt: redirect }).open(url);
    expect(page.status).toBe(status);
    expect(page.text).toContain(status === 200 ? 'there are no passwords' : 'invalid_redirect_uri');
  },
);

test('a code without its verifier, or used twice, is refused', async () => {
  const { issuer } = await startIssuer();
  const browser = createBrowser({ stopAt: redirectUri });
  const { url, verifier } = authorizationUrl(issuer);
  const callback = await browser.submit(await browser.open(url), { username: 'finops' });
  const code = new URL(callback.url).searchParams.get('code') ?? '';
  const form = { code, redirect_uri: redirectUri, code_verifier: verifier };

  expect(
    (await exchange(issuer, { ...form, code_verifier: randomBytes(32).toString('base64url') })).status,
  ).toBe(400);
  expect((await exchange(issuer, form)).status).toBe(200);
  expect((await exchange(issuer, form)).status).toBe(400);
});

test('an authorization request without PKCE is refused', async () => {
  const { issuer } = await startIssuer();
  const { url } = authorizationUrl(issuer);
  const plain = url.replace(/&code_challenge[^&]*/g, '');
  const callback = await createBrowser({ stopAt: redirectUri }).open(plain);
  expect(new URL(callback.url).searchParams.get('error')).toBe('invalid_request');
});

test('a script gets a token for a user by name, and a list of the users for an unknown name', async () => {
  const { issuer } = await startIssuer();
  for (const { username, subject } of demoUsers) {
    const { access_token } = (await (await developmentToken(issuer, username)).json()) as {
      access_token: string;
    };
    const claims = await verifierOf(issuer).verify(access_token);
    expect(claims).toMatchObject({ subject, username });
    expect((claims.expiresAt.getTime() - Date.now()) / 1000).toBeGreaterThan(3590);
  }
  const unknown = await developmentToken(issuer, 'root');
  expect(unknown.status).toBe(400);
  expect(await unknown.json()).toMatchObject({
    error: 'invalid_grant',
    error_description: expect.stringContaining('vision-researcher') as string,
  });
});

test('the console client may not name its user, it must send the person to the login page', async () => {
  const { issuer } = await startIssuer();
  const response = await exchange(issuer, { grant_type: 'urn:fleetgraph:development', username: 'operator' });
  expect(response.status).toBe(400);
});

test('web pages of other sites get no token, neither from their origin nor by a name of their own', async () => {
  const { issuer } = await startIssuer();
  const foreign = await developmentToken(issuer, 'operator', { origin: 'https://evil.example' });
  expect(foreign.status).toBe(400);
  expect(foreign.headers.get('access-control-allow-origin')).toBeNull();

  const { request } = await import('node:http');
  const rebound = await new Promise<number | undefined>((resolve, reject) => {
    const { hostname, port } = new URL(issuer);
    request({ hostname, port, path: '/jwks', headers: { host: 'evil.example' } }, (response) => {
      response.resume();
      resolve(response.statusCode);
    })
      .on('error', reject)
      .end();
  });
  expect(rebound).toBe(421);
});

test('it listens on loopback only', async () => {
  const dataDir = await temporaryFolder();
  await expect(
    createDevelopmentIssuer({ port: 0, host: '0.0.0.0', dataDir, users: demoUsers }),
  ).rejects.toThrow('no passwords');
});

test('tokens outlive a restart, and only the owner can read the keys', async () => {
  const dataDir = await temporaryFolder();
  const first = await createDevelopmentIssuer({ port: 0, dataDir, users: demoUsers });
  const { access_token } = (await (await developmentToken(first.issuer, 'operator')).json()) as {
    access_token: string;
  };
  await first.close();

  await startIssuer({ dataDir, port: Number(new URL(first.issuer).port) });
  expect(await verifierOf(first.issuer).verify(access_token)).toMatchObject({ username: 'operator' });
  expect((await stat(join(dataDir, 'issuer.json'))).mode & 0o777).toBe(0o600);
});

test('another issuer on another folder has other keys', async () => {
  const first = await startIssuer();
  const { access_token } = (await (await developmentToken(first.issuer, 'operator')).json()) as {
    access_token: string;
  };
  await first.close();
  await startIssuer({ port: Number(new URL(first.issuer).port) });
  await expect(verifierOf(first.issuer).verify(access_token)).rejects.toMatchObject({
    extensions: { details: { reason: 'key' } },
  });
});
