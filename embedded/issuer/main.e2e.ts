import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { compiledPath } from '../../platform/compiled.js';

async function startAlone(env: Record<string, string>) {
  const dataDir = await mkdtemp(join(tmpdir(), 'fleetgraph-issuer-'));
  const child = spawn(process.execPath, [compiledPath(import.meta.url, './main.js')], {
    env: { ...process.env, ISSUER_PORT: '0', FLEETGRAPH_DATA: dataDir, ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const said = { out: '', err: '' };
  child.stdout.on('data', (chunk) => (said.out += String(chunk)));
  child.stderr.on('data', (chunk) => (said.err += String(chunk)));
  onTestFinished(async () => {
    if (child.exitCode === null && child.kill('SIGKILL')) await once(child, 'exit');
    await rm(dataDir, { recursive: true });
  });
  return { child, said };
}

test('the issuer runs alone, says where, keeps quiet otherwise, and stops when asked', async () => {
  const { child, said } = await startAlone({});
  await expect
    .poll(() => said.out, { timeout: 10_000 })
    .toMatch(/^Development issuer at http:\/\/127\.0\.0\.1:\d+ /);
  const [issuer = ''] = /http:\/\/[^ ]+/.exec(said.out) ?? [];
  const discovery = (await (await fetch(`${issuer}/.well-known/openid-configuration`)).json()) as object;
  expect(discovery).toMatchObject({ issuer, jwks_uri: `${issuer}/jwks` });

  child.kill('SIGTERM');
  const [code] = (await once(child, 'exit')) as [number | null];
  expect({ code, err: said.err }).toEqual({ code: 0, err: '' });
});

test('every bad variable is named at once', async () => {
  const { child, said } = await startAlone({ ISSUER_PORT: 'many', ISSUER_URL: 'nowhere' });
  await once(child, 'close');
  expect(child.exitCode).toBe(1);
  expect(said.err).toMatch(/ISSUER_PORT[\s\S]*ISSUER_URL/);
});
