// Runs the benchmarks one after the other, or only those that are named: `npm run bench -- eventStore`. Each prints its
// figures as ratios to a peer in the same run where there is one, and fails when it misses its bar.
import { spawnSync } from 'node:child_process';
import { existsSync, readdirSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const programOf = (name) => fileURLToPath(new URL(`${name}/main.mjs`, import.meta.url));
const all = readdirSync(new URL('.', import.meta.url)).filter((name) => existsSync(programOf(name)));
const wanted = process.argv.slice(2);
const unknown = wanted.filter((name) => !all.includes(name));
if (unknown.length > 0) throw new Error(`No benchmark ${unknown.join(', ')}; there are ${all.join(', ')}`);

let missed = 0;
for (const name of wanted.length > 0 ? wanted : all) {
  console.log(`\n== ${name}`);
  const { status } = spawnSync(process.execPath, [programOf(name)], { stdio: 'inherit' });
  if (status !== 0) missed++;
}
process.exitCode = missed === 0 ? 0 : 1;
