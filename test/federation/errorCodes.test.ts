import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { projectRoot } from '../../platform/compiled.js';

const FOLDERS = ['contracts', 'fleet', 'gateway', 'platform', 'subgraphs'];
/** Codes that libraries give and that we pass on. */
const PASSED_ON = [
  'GRAPHQL_PARSE_FAILED',
  'GRAPHQL_VALIDATION_FAILED',
  'OPERATION_RESOLUTION_FAILURE',
  'INTERNAL_SERVER_ERROR',
];

const sources = FOLDERS.flatMap((folder) =>
  readdirSync(join(projectRoot, folder), { recursive: true, encoding: 'utf8' })
    .filter((file) => file.endsWith('.ts') && !file.endsWith('.test.ts') && !file.includes('generated'))
    .map((file) => readFileSync(join(projectRoot, folder, file), 'utf8')),
);

test('docs/errors.md lists exactly the codes that the source can answer', () => {
  const inSource = sources.flatMap((text) =>
    [...text.matchAll(/new PublicError\(\s*'([A-Z_]+)'/g)].map(([, code]) => code ?? ''),
  );
  const documented = [
    ...readFileSync(join(projectRoot, 'docs', 'errors.md'), 'utf8').matchAll(/^\| `([A-Z_]+)`\s*\|/gm),
  ];
  expect(documented.map(([, code]) => code ?? '').sort()).toEqual(
    [...new Set([...inSource, ...PASSED_ON])].sort(),
  );
});
