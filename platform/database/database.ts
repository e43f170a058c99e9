import { join } from 'node:path';
import { projectRoot } from '../compiled.js';
import type { PrismaClient } from './generated/client.js';
import { openPglite } from './pglite.js';
import { openPostgres } from './postgres.js';

/** An open, migrated database. Sessions run in UTC and as the role `fleetgraph_runtime`, which owns no table. */
export interface Database extends AsyncDisposable {
  /** Acts for the system and sees every project. What is read for a caller is read through `readerFor`. */
  readonly prisma: PrismaClient;
  readonly kind: 'pglite' | 'postgres';
  /** The migrations that opening it applied. */
  readonly migrated: readonly string[];
}

export interface DatabaseOptions {
  /** `pglite:<folder>` (`pglite:` alone is in memory) or a `postgresql://` URL. */
  readonly url: string;
  /** Connections of one process. PGlite always has one. */
  readonly poolMax?: number;
  /** Longer statements are ended. PGlite cannot end one. */
  readonly statementTimeoutMs?: number;
  /** A process that stands still within a transaction loses it, and what it has locked, after so long. */
  readonly idleTransactionTimeoutMs?: number;
}

/** What a transaction's work gets instead of the client. Using the client inside a transaction would wait for ever. */
export type Transaction = Parameters<Parameters<PrismaClient['$transaction']>[0]>[0];

export const migrationsFolder = join(projectRoot, 'prisma', 'migrations');

/** Opens and migrates either kind of database. A PGlite folder is locked for this process. */
export function openDatabase(options: DatabaseOptions): Promise<Database> {
  return options.url.startsWith('pglite:')
    ? openPglite(options.url.slice('pglite:'.length), migrationsFolder)
    : openPostgres(options, migrationsFolder);
}
