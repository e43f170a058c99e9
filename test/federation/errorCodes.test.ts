import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { type EnumTypeDefinitionNode, Kind, parse } from 'graphql';
import { expect, test } from 'vitest';
import { ATTEMPT_END_REASONS } from '../../contracts/endReasons.js';
import { projectRoot } from '../../platform/compiled.js';

const FOLDERS = ['contracts', 'fleet', 'gateway', 'platform', 'subgraphs'];
/** Codes that libraries give and that we pass on. */
const PASSED_ON = [
  'GRAPHQL_PARSE_FAILED',
  'GRAPHQL_VALIDATION_FAILED',
  'OPERATION_RESOLUTION_FAILURE',
  'INTERNAL_SERVER_ERROR',
];

const read = (...path: string[]) => readFileSync(join(projectRoot, ...path), 'utf8');

const sources = FOLDERS.flatMap((folder) =>
  readdirSync(join(projectRoot, folder), { recursive: true, encoding: 'utf8' })
    .filter((file) => file.endsWith('.ts') && !file.endsWith('.test.ts') && !file.includes('generated'))
    .map((file) => read(folder, file)),
);

const [codesPart = '', endsPart = ''] = read('docs', 'errors.md').split('\n## Why things end\n');

/** The rows that begin with a word in capitals, cell by cell. */
const rowsOf = (part: string): string[][] =>
  [...part.matchAll(/^\| `([A-Z_]+)`\s*\|(.*)\|$/gm)].map(([, name = '', rest = '']) => [
    name,
    ...rest.split('|').map((cell) => cell.trim()),
  ]);

test('docs/errors.md lists exactly the codes that the source can answer, each with its cause and its cure', () => {
  const inSource = sources.flatMap((text) =>
    [...text.matchAll(/new PublicError\(\s*'([A-Z_]+)'/g)].map(([, code]) => code ?? ''),
  );
  const documented = rowsOf(codesPart);
  expect(documented.map(([code = '']) => code).sort()).toEqual(
    [...new Set([...inSource, ...PASSED_ON])].sort(),
  );
  for (const [code, cause, cure] of documented) {
    expect(cause, code).toMatch(/\.$/);
    expect(cure, code).toMatch(/\.$/);
  }
});

/** The reasons by the thing that may end for them, as the schema has them. */
const reasonsOf = (thing: string): string[] =>
  parse(read('schema', 'supergraph.graphql'))
    .definitions.filter((node): node is EnumTypeDefinitionNode => node.kind === Kind.ENUM_TYPE_DEFINITION)
    .filter(({ name }) => name.value === `${thing}EndReason`)
    .flatMap(({ values = [] }) => values.map(({ name }) => name.value));

test('docs/errors.md lists exactly the reasons for which things end, whose they are, and which are tried again', () => {
  const [part = ''] = endsPart.split('\n## ');
  const rows = rowsOf(part);
  for (const thing of ['Instance', 'Job', 'Deployment']) {
    const documented = rows.filter(([, of = '']) => of.split(', ').includes(thing.toLowerCase()));
    expect(documented.map(([reason = '']) => reason).sort(), thing).toEqual(reasonsOf(thing).sort());
  }
  const tried = Object.fromEntries(
    rows.filter(([, , , , again]) => again).map(([reason = '', , , , again]) => [reason, again === 'yes']),
  );
  expect(tried).toEqual(
    Object.fromEntries(
      Object.entries(ATTEMPT_END_REASONS).map(([reason, { retry }]) => [
        reason,
        retry === 'NO_CAPACITY' || retry === 'INTERRUPTION',
      ]),
    ),
  );
});
