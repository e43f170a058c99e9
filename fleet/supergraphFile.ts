import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { projectRoot } from '../platform/compiled.js';

/** Where the composed supergraph is checked in. */
export const SUPERGRAPH_FILE = join(projectRoot, 'schema', 'supergraph.graphql');

export const readSupergraph = (): string => readFileSync(SUPERGRAPH_FILE, 'utf8');
