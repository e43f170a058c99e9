import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { projectRoot } from '../platform/compiled.js';

/** Fleetgraph's version, from package.json. */
export const { version } = JSON.parse(readFileSync(join(projectRoot, 'package.json'), 'utf8')) as {
  version: string;
};
