import { execFile } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { demoUsers } from '../embedded/issuer/demoUsers.js';
import { createDevelopmentIssuer } from '../embedded/issuer/issuer.js';
import { projectRoot } from '../platform/compiled.js';
import { createTokenVerifier } from '../platform/identity/tokenVerifier.js';

/** Something that names its issuer as the gateway does. */
async function startFrontDoor(issuer: string): Promise<string> {
  const server = createServer((request, response) => {
    if (request.url === '/.well-known/fleetgraph.json') response.end(JSON.stringify({ issuer }));
    else response.writeHead(404).end();
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  onTestFinished(() => {
    server.close();
    server.closeAllConnections();
  });
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

async function startIssuer(): Promise<string> {
  const dataDir = await mkdtemp(join(tmpdir(), 'fleetgraph-token-'));
  const { issuer, close } = await createDevelopmentIssuer({ port: 0, dataDir, users: demoUsers });
  onTestFinished(async () => {
    await close();
    await rm(dataDir, { recursive: true });
  });
  return issuer;
}

function askForToken(url: string, ...args: string[]) {
  return new Promise<{ code: number; stdout: string; stderr: string }>((resolve) => {
    const env = { ...process.env, FLEETGRAPH_URL: url };
    const child = execFile(
      process.execPath,
      [join(projectRoot, 'scripts/token.mjs'), ...args],
      { env },
      (_, stdout, stderr) => resolve({ code: child.exitCode ?? -1, stdout, stderr }),
    );
  });
}

test('prints an access token of the named demo user and nothing else', async () => {
  const issuer = await startIssuer();
  const { code, stdout, stderr } = await askForToken(await startFrontDoor(issuer), 'vision-researcher');
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
  const verifier = createTokenVerifier({
    issuers: [{ issuer, audience: 'fleetgraph', algorithms: ['ES256'] }],
  });
  expect(await verifier.verify(stdout.trimEnd())).toMatchObject({ username: 'vision-researcher' });
});

test('says which users there are when none or an unknown one is named', async () => {
  const url = await startFrontDoor(await startIssuer());
  for (const args of [[], ['root']]) {
    const { code, stdout, stderr } = await askForToken(url, ...args);
    expect({ code, stdout }).toEqual({ code: 1, stdout: '' });
    expect(stderr).toContain('org-admin, operator, vision-admin');
  }
});

test('says so when Fleetgraph does not run', async () => {
  const { code, stdout, stderr } = await askForToken('http://127.0.0.1:9');
  expect({ code, stdout }).toEqual({ code: 1, stdout: '' });
  expect(stderr).toContain('Start it with "npm start"');
});
