// Runs Fleetgraph and starts it again when a source changes. Data stays in FLEETGRAPH_DATA.
import { spawn, spawnSync } from 'node:child_process';
import { watch } from 'node:fs';

const FOLDERS = ['contracts', 'embedded', 'fleet', 'gateway', 'platform', 'prisma', 'subgraphs'];
const SETTLE_MS = 300;

let child = null;
let settling = null;

function start() {
  const { status } = spawnSync('node', ['scripts/setup.mjs'], { stdio: 'inherit' });
  if (status === 0) child = spawn('node', ['dist/fleet/main.js'], { stdio: 'inherit' });
}

function restart() {
  const running = child;
  child = null;
  if (!running || running.exitCode !== null) return start();
  running.once('exit', start);
  running.kill('SIGTERM');
}

for (const folder of FOLDERS)
  watch(folder, { recursive: true }, (_event, file) => {
    if (file === null || file.includes('generated') || !/\.(ts|prisma|sql|graphql)$/.test(file)) return;
    clearTimeout(settling);
    settling = setTimeout(restart, SETTLE_MS);
  });

for (const signal of ['SIGINT', 'SIGTERM'])
  process.once(signal, () => {
    if (!child || child.exitCode !== null) process.exit(0);
    child.once('exit', (code) => process.exit(code ?? 0));
    child.kill(signal);
  });

start();
