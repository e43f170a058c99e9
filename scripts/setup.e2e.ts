import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { copyFile, mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { projectRoot } from '../platform/compiled.js';

const SILENT_MS_MAX = 300;

const prismaConfig = `
process.env.PRISMA_SCHEMA_ENGINE_BINARY = ${JSON.stringify(join(projectRoot, 'tools/schema-engine.mjs'))};
export default { schema: 'prisma/schema' };
`;

const viteConfig = `
export default { root: import.meta.dirname, build: { outDir: '../../../dist/gateway/http/graphiql' } };
`;

const prismaSchema = `
generator client {
  provider = "prisma-client"
  output   = "../../platform/database/generated"
}
datasource db {
  provider = "postgresql"
}
model Thing {
  id String @id
}
`;

/** A small project of its own, in our node_modules so that it finds the same compiler. */
async function arrange() {
  const root = await mkdtemp(join(projectRoot, 'node_modules', '.setup-'));
  onTestFinished(() => rm(root, { recursive: true }));
  const write = async (path: string, content: unknown) => {
    await mkdir(dirname(join(root, path)), { recursive: true });
    await writeFile(join(root, path), typeof content === 'string' ? content : JSON.stringify(content));
  };
  const packageJson = { name: 'small', type: 'module', dependencies: { local: 'file:local' } };
  await write('package.json', packageJson);
  await write('package-lock.json', {
    name: 'small',
    lockfileVersion: 3,
    packages: {
      '': packageJson,
      local: { version: '1.0.0' },
      'node_modules/local': { resolved: 'local', link: true },
    },
  });
  await write('local/package.json', { name: 'local', version: '1.0.0' });
  await write('tsconfig.json', {
    compilerOptions: {
      module: 'NodeNext',
      target: 'ES2023',
      strict: true,
      types: [],
      rootDir: '.',
      outDir: 'dist',
    },
    exclude: ['dist', 'prisma.config.ts', 'platform', 'gateway'],
  });
  await write('tsconfig.build.json', { extends: './tsconfig.json' });
  await write('prisma.config.ts', prismaConfig);
  await write('prisma/schema/base.prisma', prismaSchema);
  await write('gateway/http/graphiql/index.html', '<!doctype html><title>GraphiQL</title>');
  await write('gateway/http/graphiql/vite.config.ts', viteConfig);
  await write('main.ts', 'export const answer: number = 42;');
  await mkdir(join(root, 'scripts'));
  for (const script of ['scripts/setup.mjs', 'scripts/run.mjs'])
    await copyFile(join(projectRoot, script), join(root, script));

  return {
    write,
    read: (path: string) => readFile(join(root, path), 'utf8'),
    remove: (path: string) => rm(join(root, path)),
    has: (path: string) => existsSync(join(root, path)),
    setUp: (...nodeOptions: string[]) => runNode([...nodeOptions, join(root, 'scripts/setup.mjs')]),
    run: (...args: string[]) => runNode([join(root, 'scripts/run.mjs'), join(root, 'dist/main.js'), ...args]),
  };
}

function runNode(args: string[]): Promise<{ code: number | null; text: string; ms: number }> {
  const started = performance.now();
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'pipe'] });
    let text = '';
    child.stdout.on('data', (chunk) => (text += String(chunk)));
    child.stderr.on('data', (chunk) => (text += String(chunk)));
    child.on('error', reject);
    child.on('close', (code) => resolve({ code, text, ms: performance.now() - started }));
  });
}

test('a fresh clone is installed and built, and says so; then there is nothing to do and nothing said', async () => {
  const project = await arrange();
  const first = await project.setUp();
  expect(first).toMatchObject({
    code: 0,
    text: expect.stringMatching(/^Installing packages … done in .*\n/) as string,
  });
  expect(first.text).toMatch(
    /\nGenerating the database client … done in .*\nBuilding … done in .*\nBuilding GraphiQL … done in \d+\.\d s\n$/,
  );
  expect(project.has('node_modules/local')).toBe(true);
  expect(project.has('platform/database/generated/client.ts')).toBe(true);
  expect(project.has('dist/main.js')).toBe(true);
  expect(project.has('dist/gateway/http/graphiql/index.html')).toBe(true);

  const again = [await project.setUp(), await project.setUp(), await project.setUp()];
  expect(again.map(({ code, text }) => ({ code, text }))).toEqual(Array(3).fill({ code: 0, text: '' }));
  expect(Math.min(...again.map(({ ms }) => ms))).toBeLessThan(SILENT_MS_MAX);

  // As after an `npm install` by hand.
  await project.remove('node_modules/.fleetgraph-lock');
  expect(await project.setUp()).toMatchObject({ code: 0, text: '' });
});

test('a changed source is built again, nothing is left of a deleted one, and a faulty one fails until it is mended', async () => {
  const project = await arrange();
  await project.write('gone.ts', 'export const gone = true;');
  await project.setUp();
  expect(project.has('dist/gone.js')).toBe(true);

  await project.write('main.ts', 'export const answer: number = 43;');
  await project.remove('gone.ts');
  expect((await project.setUp()).text).toMatch(/^Building …/);
  expect(await project.read('dist/main.js')).toContain('43');
  expect(project.has('dist/gone.js')).toBe(false);

  await project.write('main.ts', 'export const answer: number = "forty-two";');
  for (const attempt of [await project.setUp(), await project.setUp()]) {
    expect(attempt).toMatchObject({
      code: 1,
      text: expect.stringContaining('main.ts(1,14): error TS2322') as string,
    });
  }
  await project.write('main.ts', 'export const answer: number = 42;');
  expect(await project.setUp()).toMatchObject({
    code: 0,
    text: expect.stringMatching(/^Building … done/) as string,
  });
});

test('a script’s module runs in the process that set it up, so that signals reach it, with its arguments', async () => {
  const project = await arrange();
  await project.write(
    'main.ts',
    'declare const process: { pid: number; ppid: number; argv: string[] };\n' +
      'console.log(JSON.stringify({ args: process.argv.slice(2), parent: process.ppid }));',
  );
  await project.setUp();
  const { code, text } = await project.run('--port', '1');
  expect({ code, ...(JSON.parse(text) as object) }).toEqual({
    code: 0,
    args: ['--port', '1'],
    parent: process.pid,
  });

  await project.write('main.ts', 'const answer: number = "forty-two";');
  const failed = await project.run();
  expect(failed.code).toBe(1);
  expect(failed.text).toContain('error TS2322');
});

test('a lock file that does not fit fails with npm’s words', async () => {
  const project = await arrange();
  await project.write('package.json', {
    name: 'small',
    type: 'module',
    dependencies: { other: 'file:other' },
  });
  const { code, text } = await project.setUp();
  expect(code).toBe(1);
  expect(text).toContain('npm error');
});

test('an old Node is refused with a sentence', async () => {
  const project = await arrange();
  const pretend = 'Object.defineProperty(process.versions, "node", { value: "20.18.3" })';
  const { code, text } = await project.setUp(
    '--import',
    `data:text/javascript,${encodeURIComponent(pretend)}`,
  );
  expect({ code, text }).toEqual({
    code: 1,
    text: 'Fleetgraph needs Node 20.19 or newer; this is 20.18.3.\n',
  });
});
