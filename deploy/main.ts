import { isPart, parts } from './parts.js';

// The image's entry: `node dist/deploy/main.js <part>` becomes that part.
const [, , name = 'all'] = process.argv;
if (isPart(name)) await import(new URL(`../${parts[name]}`, import.meta.url).href);
else {
  process.stderr.write(`There is no part ${name}. There are: ${Object.keys(parts).join(', ')}.\n`);
  process.exitCode = 2;
}
