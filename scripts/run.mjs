// `node scripts/run.mjs <module> [argument …]`: sets up what changed, then runs the module in this same process. With the
// `exec` of package.json, which leaves no shell between, a signal to `npm start` reaches it.
import { resolve } from 'node:path';
import { pathToFileURL } from 'node:url';

await import('./setup.mjs');
if (!process.exitCode) {
  const [, , module, ...rest] = process.argv;
  process.argv = [process.execPath, resolve(module), ...rest];
  await import(pathToFileURL(resolve(module)).href);
}
