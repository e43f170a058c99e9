import 'reflect-metadata';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { projectRoot } from '../platform/compiled.js';
import { generateSchemas } from './schemas.js';

// Writes schema/*.graphql; with --check it only says which of them the source has left behind.
const check = process.argv.includes('--check');
const drifted: string[] = [];
for (const [file, text] of Object.entries(await generateSchemas())) {
  const path = join(projectRoot, 'schema', file);
  if (!check) writeFileSync(path, text);
  else if (readIfThere(path) !== text) drifted.push(file);
}
if (drifted.length > 0) {
  console.error(`Out of date: ${drifted.map((file) => `schema/${file}`).join(', ')}. Run "npm run schema".`);
  process.exitCode = 1;
}

function readIfThere(path: string): string | null {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return null;
  }
}
