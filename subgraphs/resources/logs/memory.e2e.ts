import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { expect, test } from 'vitest';
import { projectRoot } from '../../../platform/compiled.js';

const run = promisify(execFile);

/** The lines of this log alone would take more, were they held at once. */
const MEGABYTES = '20';
const HEAP_MB = 64;

test(`a log of ${MEGABYTES} MB is stored and read from its start by a process with a heap of ${HEAP_MB} MB`, async () => {
  const program = join(projectRoot, 'bench', 'logs', 'main.mjs');
  const { stdout } = await run(process.execPath, [`--max-old-space-size=${HEAP_MB}`, program], {
    env: { ...process.env, MEGABYTES },
  });
  expect(stdout).toMatch(/read \d{6} lines from the start/);
}, 180_000);
