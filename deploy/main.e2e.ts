import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { expect, test } from 'vitest';
import { compiledPath } from '../platform/compiled.js';
import { parts } from './parts.js';

test('a part that the image has not is refused with the list of those that it has', async () => {
  const child = spawn(process.execPath, [compiledPath(import.meta.url, './main.js'), 'gatway']);
  let said = '';
  child.stderr.on('data', (chunk) => (said += String(chunk)));
  const [code] = (await once(child, 'close')) as [number];
  expect(code).toBe(2);
  for (const name of Object.keys(parts)) expect(said).toContain(name);
});
