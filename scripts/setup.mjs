// Makes a clone ready to run: installs, generates and builds what changed since the last time, and shows what it does
// while it does it. Silent and quick when there is nothing to do. `npm start` and `npm test` begin with it, so it may
// import nothing but Node.
import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';

const NODE_MIN = [20, 19];
const root = fileURLToPath(new URL('..', import.meta.url));
const at = (...path) => join(root, ...path);

const GRAPHIQL = 'gateway/http/graphiql';
const GRAPHIQL_BUILT = `dist/${GRAPHIQL}`;

class StepFailed extends Error {}

/**
 * Each step runs when `inputs` differ from those of its last success, which `marker` remembers. The marker lies in the
 * folder that the step makes, so that it goes when the folder goes.
 */
const steps = [
  {
    title: 'Installing packages',
    marker: 'node_modules/.fleetgraph-lock',
    inputs: () => [at('package-lock.json')],
    isDone: lockIsInstalled,
    run: () =>
      runNpm('ci', '--include=dev', '--ignore-scripts', '--no-audit', '--no-fund', '--loglevel=error'),
  },
  {
    title: 'Generating the database client',
    marker: 'platform/database/generated/.fleetgraph-inputs',
    inputs: () => [
      ...filesUnder('prisma/schema', (name) => name.endsWith('.prisma')),
      at('prisma.config.ts'),
      packageFile('prisma'),
    ],
    run: () => runNode(join(packageFile('prisma'), '../build/index.js'), 'generate'),
  },
  {
    title: 'Building',
    marker: 'dist/.fleetgraph-inputs',
    inputs: () => [...sources(), at('tsconfig.json'), at('tsconfig.build.json'), packageFile('typescript')],
    run: async () => {
      await runNode(join(packageFile('typescript'), '../bin/tsc'), '-p', 'tsconfig.build.json');
      removeOutputsWithoutSource();
    },
  },
  {
    title: 'Building GraphiQL',
    marker: `${GRAPHIQL_BUILT}/.fleetgraph-inputs`,
    inputs: () => [...filesUnder(GRAPHIQL, () => true), packageFile('graphiql'), packageFile('vite')],
    run: () =>
      runNode(join(packageFile('vite'), '../bin/vite.js'), 'build', '--config', `${GRAPHIQL}/vite.config.ts`),
  },
];

refuseOldNode();
try {
  for (const step of steps) await runIfChanged(step);
} catch (error) {
  if (!(error instanceof StepFailed)) throw error;
  process.stderr.write(`${error.message}\n`);
  process.exitCode = 1;
}

async function runIfChanged({ title, marker, inputs, isDone, run }) {
  const hash = hashOf(inputs());
  if (existsSync(at(marker)) && readFileSync(at(marker), 'utf8') === hash) return;
  if (!isDone?.()) await showProgress(title, run);
  writeFileSync(at(marker), hash);
}

/** Shows the title at once, the seconds while it runs where there is a terminal, and how long it took. */
async function showProgress(title, run) {
  const started = performance.now();
  const seconds = () => ((performance.now() - started) / 1000).toFixed(1);
  const { stderr } = process;
  stderr.write(`${title} …`);
  const ticker = stderr.isTTY && setInterval(() => stderr.write(`\r${title} … ${seconds()} s`), 100);
  let outcome = 'failed after';
  try {
    await run();
    outcome = 'done in';
  } finally {
    clearInterval(ticker);
    stderr.write(stderr.isTTY ? `\r${title} … ${outcome} ${seconds()} s\n` : ` ${outcome} ${seconds()} s\n`);
  }
}

/** True if npm itself put in place exactly what the lock file asks for, for example by `npm install`. */
function lockIsInstalled() {
  if (!existsSync(at('node_modules/.package-lock.json'))) return false;
  const wanted = readJson('package-lock.json').packages;
  const installed = readJson('node_modules/.package-lock.json').packages;
  const isWanted = ([path, { version }]) => wanted[path]?.version === version;
  const isInstalled = ([path, { optional }]) => path === '' || optional || path in installed;
  return Object.entries(installed).every(isWanted) && Object.entries(wanted).every(isInstalled);
}

/** What the build is made of. Tests run from their sources. */
function sources() {
  return filesUnder('.', (name) => name.endsWith('.ts') && !/\.(test|e2e|fixture)\.ts$/.test(name));
}

function filesUnder(folder, matches) {
  if (!existsSync(at(folder))) return [];
  return readdirSync(at(folder), { withFileTypes: true })
    .filter(({ name }) => !name.startsWith('.') && name !== 'node_modules' && name !== 'dist')
    .flatMap((entry) => {
      if (entry.isDirectory()) return filesUnder(join(folder, entry.name), matches);
      return matches(entry.name) ? [at(folder, entry.name)] : [];
    })
    .sort();
}

/** A module that was deleted or renamed must not live on in the build. */
function removeOutputsWithoutSource() {
  for (const output of filesUnder('dist', (name) => /\.js(\.map)?$/.test(name))) {
    if (output.startsWith(at(GRAPHIQL_BUILT))) continue;
    const source = at(relative(at('dist'), output).replace(/\.js(\.map)?$/, '.ts'));
    if (!existsSync(source)) rmSync(output);
  }
}

function hashOf(files) {
  const hash = createHash('sha256');
  for (const file of files)
    hash.update(relative(root, file)).update('\0').update(readFileSync(file)).update('\0');
  return hash.digest('hex');
}

function readJson(path) {
  return JSON.parse(readFileSync(at(path), 'utf8'));
}

function packageFile(name) {
  return createRequire(at('package.json')).resolve(`${name}/package.json`);
}

/** Under `npm run` the npm that runs us, else the one on the path. */
function runNpm(...args) {
  const npm = process.env.npm_execpath;
  return npm?.endsWith('.js')
    ? runNode(npm, ...args)
    : runQuietly('npm', args, { shell: process.platform === 'win32' });
}

function runNode(...args) {
  return runQuietly(process.execPath, args);
}

/** What a tool says is shown only if it fails. */
function runQuietly(command, args, options) {
  return new Promise((resolve, reject) => {
    const child = spawn(command, args, { cwd: root, stdio: ['ignore', 'pipe', 'pipe'], ...options });
    const said = [];
    child.stdout.on('data', (chunk) => said.push(chunk));
    child.stderr.on('data', (chunk) => said.push(chunk));
    child.on('error', (error) => reject(new StepFailed(error.message)));
    child.on('close', (code, signal) => {
      if (code === 0) resolve();
      else
        reject(
          new StepFailed(Buffer.concat(said).toString().trim() || `${command} ended with ${code ?? signal}`),
        );
    });
  });
}

function refuseOldNode() {
  const [major, minor] = process.versions.node.split('.').map(Number);
  if (major > NODE_MIN[0] || (major === NODE_MIN[0] && minor >= NODE_MIN[1])) return;
  process.stderr.write(
    `Fleetgraph needs Node ${NODE_MIN.join('.')} or newer; this is ${process.versions.node}.\n`,
  );
  process.exit(1);
}
