import { createHash } from 'node:crypto';
import { mkdirSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { projectRoot } from '../../platform/compiled.js';
import { migrationsFolder } from '../../platform/database/database.js';
import { migrate } from '../../platform/database/migrate.js';
import { pgliteSession, startPglite } from '../../platform/database/pglite.js';

const cacheFolder = join(projectRoot, 'node_modules', '.cache', 'fleetgraph');

let template: Promise<Blob> | null = null;

/**
 * The files of a migrated PGlite database. Made once for a set of migrations and kept on disk, because a start from it
 * takes a tenth of the time of initdb and the migrations.
 */
export const migratedTemplate = (): Promise<Blob> => (template ??= readOrMake());

async function readOrMake(): Promise<Blob> {
  const name = `pglite-${fingerprint()}.tar`;
  const cached = readCached(name);
  if (cached) return cached;
  const made = await makeTemplate();
  const bytes = Buffer.from(await made.arrayBuffer());
  mkdirSync(cacheFolder, { recursive: true });
  const unfinished = join(cacheFolder, `${name}.${process.pid}`);
  writeFileSync(unfinished, bytes);
  renameSync(unfinished, join(cacheFolder, name));
  for (const other of readdirSync(cacheFolder))
    if (/^pglite-\w+\.tar$/.test(other) && other !== name) rmSync(join(cacheFolder, other), { force: true });
  return made;
}

function readCached(name: string): Blob | null {
  try {
    return new Blob([readFileSync(join(cacheFolder, name))], { type: 'application/x-tar' });
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return null;
    throw error;
  }
}

async function makeTemplate(): Promise<Blob> {
  const db = await startPglite('memory://');
  await migrate(pgliteSession(db), migrationsFolder);
  await db.exec('CHECKPOINT');
  const files = await db.dumpDataDir('none');
  await db.close();
  return files;
}

/** Changes with every migration and with PGlite itself. */
function fingerprint(): string {
  const hash = createHash('sha256');
  hash.update(readFileSync(join(projectRoot, 'node_modules/@electric-sql/pglite/package.json')));
  for (const file of readdirSync(migrationsFolder, { recursive: true, encoding: 'utf8' }).sort())
    if (file.endsWith('.sql')) hash.update(file).update(readFileSync(join(migrationsFolder, file)));
  return hash.digest('hex').slice(0, 16);
}
