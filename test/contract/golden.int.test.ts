import { execFile } from 'node:child_process';
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { v7 as uuidv7 } from 'uuid';
import { afterAll, expect, test } from 'vitest';
import type { SubgraphName } from '../../contracts/subgraphs.js';
import { UPCASTERS } from '../../contracts/upcasters.js';
import { projectRoot } from '../../platform/compiled.js';
import { createEventStore } from '../../platform/eventStore/eventStore.js';
import { currentSchemaVersion, upcast, type Upcasters } from '../../platform/eventStore/upcast.js';
import { announced } from '../testkit/announced.js';
import { testDatabase } from '../testkit/testDatabase.js';

const contractsFolder = join(projectRoot, 'contracts');
const goldenFolder = join(contractsFolder, 'golden');

const upcastersOf = (context: string): Upcasters => UPCASTERS[context as SubgraphName];

const contexts = readdirSync(contractsFolder)
  .filter((file) => file.endsWith('.events.ts'))
  .map((file) => file.replace('.events.ts', ''));

type Golden = { context: string; type: string; version: number; data: object };

const declared = contexts.flatMap((context) => {
  const source = readFileSync(join(contractsFolder, `${context}.events.ts`), 'utf8');
  const types = [...source.matchAll(/\btype: '(\w+)'/g)].map(([, type = '']) => type);
  return types.flatMap((type) => {
    const versions = currentSchemaVersion(upcastersOf(context), type);
    return Array.from({ length: versions }, (_, n) => `${context}/${type}.v${n + 1}.json`);
  });
});

const files = readdirSync(goldenFolder, { recursive: true, encoding: 'utf8' }).filter((file) =>
  file.endsWith('.json'),
);

const goldens = files.map((file): Golden => {
  const [, context = '', type = '', version = ''] = /^(\w+)\/(\w+)\.v(\d+)\.json$/.exec(file) ?? [];
  const data = JSON.parse(readFileSync(join(goldenFolder, file), 'utf8')) as object;
  return { context, type, version: Number(version), data };
});

const lifted = ({ context, type, version, data }: Golden): Golden => {
  const upcasters = upcastersOf(context);
  const newest = currentSchemaVersion(upcasters, type);
  return { context, type, version: newest, data: upcast(upcasters, type, version, data) };
};

/** What the compiler says about facts that claim to be of the declared types; empty when it agrees. */
async function compilerFaults(facts: readonly Golden[]): Promise<string> {
  const folder = join(projectRoot, 'node_modules', '.cache', 'fleetgraph', `golden-${process.pid}`);
  mkdirSync(folder, { recursive: true });
  const union = (context: string) => `${context.slice(0, 1).toUpperCase()}${context.slice(1)}Event`;
  const imports = contexts.map(
    (context) => `import type { ${union(context)} } from '${join(contractsFolder, `${context}.events.js`)}';`,
  );
  const checks = facts.map(
    ({ context, type, data }) =>
      `export const ${context}${type} = ${JSON.stringify({ type, data })} satisfies ${union(context)};`,
  );
  const file = join(folder, 'golden.ts');
  writeFileSync(file, [...imports, ...checks].join('\n'));
  const compiler = join(projectRoot, 'node_modules', 'typescript', 'bin', 'tsc');
  const flags = [
    '--ignoreConfig',
    '--noEmit',
    '--strict',
    '--exactOptionalPropertyTypes',
    '--skipLibCheck',
    '--types',
    '',
  ];
  const options = [...flags, '--target', 'es2023', '--module', 'nodenext', file];
  return promisify(execFile)(process.execPath, [compiler, ...options], { cwd: folder }).then(
    () => '',
    (error: { stdout: string }) => error.stdout,
  );
}

const database = await testDatabase();
afterAll(() => database[Symbol.asyncDispose]());

test('every event type has a golden file for each of its schema versions, and no file is left over', () => {
  expect(declared.length).toBeGreaterThan(40);
  expect(files.toSorted()).toEqual(declared.toSorted());
});

test('every golden event is a fact of the type as it is declared today', async () => {
  expect(await compilerFaults(goldens.map(lifted))).toBe('');
});

test.each([
  { title: 'has lost a field', data: { id: 'role_1' }, type: 'ProjectCreated' },
  { title: 'has gained a field', data: { id: 'role_1', extra: 1 }, type: 'RoleRevoked' },
  { title: 'was renamed', data: { id: 'role_1' }, type: 'RoleUnbound' },
])('the compiler sees a type that $title', async ({ type, data }) => {
  expect(await compilerFaults([{ context: 'governance', type, version: 1, data }])).toContain('golden.ts(');
});

test('every golden event is read back from the store as its newest version', async () => {
  for (const golden of goldens) {
    const store = createEventStore(database.prisma, golden.context, upcastersOf(golden.context));
    const { position: _position, recordedAt: _recordedAt, ...event } = announced(golden.context, 1n);
    const streamId = `golden_${uuidv7()}`;
    const stored = { ...event, id: uuidv7(), streamId, version: 1, type: golden.type };
    await database.prisma.$transaction((tx) =>
      store.append(tx, [{ ...stored, schemaVersion: golden.version, data: golden.data }]),
    );
    const newest = lifted(golden);
    expect(await store.readStream(streamId)).toMatchObject([
      { type: golden.type, schemaVersion: newest.version, data: newest.data },
    ]);
  }
});
