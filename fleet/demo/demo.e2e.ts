import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { compiledPath } from '../../platform/compiled.js';
import { migrationsFolder } from '../../platform/database/database.js';
import { openPglite } from '../../platform/database/pglite.js';
import { type FleetProcess, type RunningFleet, startFleetProcess } from '../../test/faults/fleetProcess.js';
import { createTestClient, dataOf } from '../../test/testkit/fleet.js';
import { migratedTemplate } from '../../test/testkit/pgliteTemplate.js';
import { until } from '../../test/testkit/until.js';

/** What the issue promises. */
const LIMIT_MS = 120_000;

let folder: string;
let server: FleetProcess;
let fleet: RunningFleet;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'fleetgraph-demo-'));
  const empty = await openPglite(join(folder, 'db'), migrationsFolder, await migratedTemplate());
  await empty[Symbol.asyncDispose]();
  server = startFleetProcess(folder);
  fleet = await server.ready;
});
afterAll(async () => {
  await server.end('SIGTERM');
  await rm(folder, { recursive: true });
});

type Played = { child: ChildProcess; lines: readonly string[]; ended: Promise<number | null> };

/** Runs what `npm run demo` runs. */
function play(url: string): Played {
  const child = spawn(process.execPath, [compiledPath(import.meta.url, './main.js')], {
    env: { PATH: process.env['PATH'], HOME: process.env['HOME'], FLEETGRAPH_URL: url },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const lines: string[] = [];
  for (const stream of [child.stdout, child.stderr])
    createInterface({ input: stream }).on('line', (line) => lines.push(line));
  const ended = (once(child, 'close') as Promise<[number | null]>).then(([code]) => code);
  return { child, lines, ended };
}

/** How many devices anybody still has. */
async function occupied(): Promise<number> {
  const operator = createTestClient(fleet.url, await fleet.token('operator'));
  type Fleet = { gpus: { totalCount: number } };
  const answer = await operator.run<Fleet>('Fleet', { first: 1, filter: { occupied: true } });
  return dataOf(answer).gpus.totalCount;
}

test(
  'the demo plays the whole journey in under two minutes, finds all as it should be, and leaves nothing running',
  async () => {
    const started = performance.now();
    const { lines, ended } = play(fleet.url);
    const code = await ended;
    const story = lines.join('\n');
    expect({ code, story: code === 0 ? '' : story }).toEqual({ code: 0, story: '' });
    expect(performance.now() - started).toBeLessThan(LIMIT_MS);
    for (const landmark of [
      /org-admin +creates the project demo-[0-9a-f]{8}$/m,
      /vision-researcher +asks for it: AWAITING_APPROVAL, approval approval_\w+$/m,
      /vision-admin +approves this very plan, once$/m,
      /InstanceRunning: RUNNING$/m,
      /QUOTA: it needs 2 GPU, 0 free\. /,
      /It may start .*certainty in \d+ s\.$/m,
      /GPU [\d.]+ % [\d.]+ W [\d.]+ °C · 0\.\d+ USD · INFO epoch 1 step \d+/,
      /JobStatus of evaluate +JobSucceeded: SUCCEEDED$/m,
      /\d+ samples of 2 GPUs, at most [\d.]+ % busy$/m,
      /\d+ lines of its log, kept after its pods are gone$/m,
      /has paid 0\.\d+ USD for it, exactly$/m,
      /records version 1, produced by the job train for 0\.\d+ USD$/m,
      /DeploymentAvailable: AVAILABLE, 1 of 1 ready$/m,
      /finops +is alerted: 50 % are spent \(WARN\)$/m,
      /DeploymentDeleted +models\.[\w-]+$/m,
      /^All as promised, in \d+ s\.$/m,
    ])
      expect(story).toMatch(landmark);
    expect(story).not.toContain('\u001b');
    expect(await occupied()).toBe(0);
  },
  LIMIT_MS,
);

test('a demo that is broken off ends what it has begun', async () => {
  const { child, lines, ended } = play(fleet.url);
  await until('the instance runs', () => lines.some((line) => line.includes('InstanceRunning')));
  child.kill('SIGINT');
  expect(await ended).toBe(1);
  expect(lines).toContain('Broken off.');
  expect(lines).toContain('   vision-researcher  terminates the instance');
  expect(lines.at(-1)).toBe('   org-admin          takes the quota back');
  expect(await occupied()).toBe(0);
});

test('without a server it says how to start one', async () => {
  const { lines, ended } = play('http://127.0.0.1:9');
  expect(await ended).toBe(1);
  expect(lines.join('\n')).toContain(
    'Fleetgraph does not answer at http://127.0.0.1:9. Start it with "npm start"',
  );
});
