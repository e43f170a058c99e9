import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { chromium, type Page } from 'playwright-core';
import { expect, test } from 'vitest';
import { demoUsers } from '../../embedded/issuer/demoUsers.js';
import { createDevelopmentIssuer } from '../../embedded/issuer/issuer.js';
import { createAuthenticator } from '../../platform/identity/authenticate.js';
import { createTokenVerifier } from '../../platform/identity/tokenVerifier.js';
import { startTestGateway } from '../testkit/gateway.js';

const CHROMIUM = process.env['CHROMIUM'] ?? '/usr/bin/chromium';
/** Where to leave pictures of each step, for people. */
const PICTURES = process.env['SCREENSHOTS'];

const examples = [
  { title: 'Greeting', query: 'query Greeting {\n  greeting\n}' },
  { title: 'Caller', query: 'query Caller {\n  caller\n}' },
  { title: 'Count', query: 'subscription Count($to: Int!) {\n  count(to: $to)\n}', variables: '{ "to": 3 }' },
];

/** A gateway whose callers come from a real issuer, and a browser that has its page open. */
async function openGraphiql() {
  const dataDir = await mkdtemp(join(tmpdir(), 'graphiql-'));
  const issuer = await createDevelopmentIssuer({ port: 0, dataDir, users: demoUsers });
  const { authenticate } = createAuthenticator({
    verifier: createTokenVerifier({ issuers: [issuer.trust] }),
    resolvePrincipal: ({ subject }) =>
      Promise.resolve({ id: subject, kind: 'USER', displayName: subject, everywhere: [], projects: {} }),
  });
  const signIn = { issuer: issuer.issuer, clientId: issuer.clientId, resource: null };
  const gateway = await startTestGateway({ authenticate, examples, signIn });
  const browser = await chromium.launch({
    executablePath: CHROMIUM,
    args: ['--headless', '--no-sandbox', '--disable-gpu', '--disable-background-networking'],
  });
  const page = await browser.newPage({ viewport: { width: 1280, height: 800 } });
  const origins = new Set<string>();
  const faults: string[] = [];
  page.on('request', (request) => origins.add(new URL(request.url()).origin));
  page.on('pageerror', (error) => faults.push(error.message));
  // The browser reports refused requests as errors, which some of these are meant to be.
  page.on('console', (message) => {
    if (message.type() === 'error' && !message.text().includes('status of 401')) faults.push(message.text());
  });
  await page.goto(gateway.graphql);
  return {
    page,
    origins,
    faults,
    gateway,
    issuer,
    async [Symbol.asyncDispose]() {
      await browser.close();
      await gateway.server.close();
      await issuer.close();
      await rm(dataDir, { recursive: true });
    },
  };
}

const picture = async (page: Page, name: string) => {
  if (PICTURES) await page.screenshot({ path: join(PICTURES, `${name}.png`) });
};

/** Opens a tab, runs what is in it, and waits until the answer shows some text. */
async function run(page: Page, tab: string, answer: string): Promise<void> {
  await page.getByRole('tab', { name: tab }).click();
  await page.locator('.graphiql-query-editor .view-line').getByText(tab).first().waitFor();
  await page.getByRole('button', { name: /Execute query/ }).click();
  await page.locator('.result-window').getByText(answer).first().waitFor();
}

test('a person signs in, runs the examples, a subscription too, and signs out, from this server alone', async () => {
  await using graphiql = await openGraphiql();
  const { page, origins, faults, gateway, issuer } = graphiql;
  await page.getByRole('button', { name: 'Sign in' }).waitFor();
  await page.locator('.graphiql-query-editor .view-line').first().waitFor();
  await picture(page, '1-opened');
  for (const title of ['Greeting', 'Caller', 'Count'])
    expect(await page.getByRole('tab', { name: title }).count()).toBe(1);

  await page.getByRole('button', { name: 'Sign in' }).click();
  await page.waitForURL((url) => url.origin === issuer.issuer);
  await picture(page, '2-issuer');
  await page.getByText('vision-researcher').first().click();
  await page.getByText('Signed in as').waitFor();
  expect(await page.locator('.sign-in strong').textContent()).toBe('vision-researcher');

  await run(page, 'Caller', 'demo-vision-researcher');
  await picture(page, '3-query');
  await run(page, 'Count', '"count": 3');
  await picture(page, '4-subscription');

  await page.getByRole('button', { name: 'Sign out' }).click();
  await run(page, 'Greeting', 'UNAUTHENTICATED');
  await picture(page, '5-signed-out');
  expect([...origins].sort()).toEqual([gateway.url, issuer.issuer].sort());
  expect(faults).toEqual([]);
});

test('a person without an issuer at hand pastes a token', async () => {
  await using graphiql = await openGraphiql();
  const { page } = graphiql;
  await page.getByRole('textbox', { name: 'Access token' }).fill('Bearer nonsense');
  await page.getByRole('button', { name: 'Use' }).click();
  await page.getByText('Signed in as').waitFor();
  await run(page, 'Greeting', 'UNAUTHENTICATED');
});
