import 'reflect-metadata';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { projectRoot } from '../platform/compiled.js';
import { generateSchemas } from './schemas.js';
import { drawPages } from './stateDiagrams.js';

// Writes schema/*.graphql and the diagrams of states; with --check it only says what the source has left behind.
const check = process.argv.includes('--check');
const schemas = Object.entries(await generateSchemas()).map(
  ([file, text]) => [`schema/${file}`, text] as const,
);
const drifted: string[] = [];
for (const [file, text] of [...schemas, ...Object.entries(drawPages())]) {
  const path = join(projectRoot, file);
  if (!check) writeFileSync(path, text);
  else if (readIfThere(path) !== text) drifted.push(file);
}
if (drifted.length > 0) {
  console.error(`Out of date: ${drifted.join(', ')}. Run "npm run schema".`);
  process.exitCode = 1;
}

function readIfThere(path: string): string | null {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return null;
  }
}
