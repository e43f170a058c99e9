import { execFile } from 'node:child_process';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { projectRoot } from '../../platform/compiled.js';

const script = join(projectRoot, 'test/engines/install.sh');
export type Engines = { postgres: string; kafka: string; kubernetes: string };

let installed: Promise<Engines> | undefined;

/** The folders of the engines' binaries, after installing what is missing. Rejects when a part cannot be had. */
export function installEngines(): Promise<Engines> {
  installed ??= promisify(execFile)('bash', [script], { maxBuffer: 64 * 1024 * 1024 }).then(({ stdout }) => {
    const lines = stdout.trim().split('\n');
    const postgres = lines
      .slice(0, -2)
      .sort((a, b) => majorOf(a) - majorOf(b))
      .at(-1);
    const [kafka, kubernetes] = lines.slice(-2);
    if (!postgres || !kafka || !kubernetes) throw new Error(`The engines were not found: ${stdout}`);
    return { postgres: dirname(postgres), kafka, kubernetes };
  });
  return installed;
}

const majorOf = (path: string) => Number(/postgresql\/(\d+)\//.exec(path)?.[1] ?? 0);
