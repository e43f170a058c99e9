import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { compiledPath } from '../../platform/compiled.js';

// What `npm run start:engines` runs. Ctrl+C reaches every process of a terminal's group at once: a database would be gone
// before those that have to say goodbye to it. So all is started in a group of its own, and told to end from here.
const child = spawn(process.execPath, [compiledPath(import.meta.url, './startAll.js')], {
  detached: true,
  stdio: 'inherit',
});
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, () => child.kill('SIGTERM'));
const [code] = (await once(child, 'exit')) as [number | null];
process.exitCode = code ?? 1;
