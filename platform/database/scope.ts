import { AsyncLocalStorage } from 'node:async_hooks';
import type { PrismaClient } from './generated/client.js';

/** The projects whose rows somebody may see at all: a caller's rights may show less of them, never more. */
export type VisibleProjects = 'ALL' | readonly string[];

/** For whom a statement is. `projects` is what row-level security compares with: ids that commas separate, `*` for all. */
export type Scope = { readonly projects: string; readonly readOnly: boolean };

const SYSTEM: Scope = { projects: '*', readOnly: false };
const scopes = new AsyncLocalStorage<Scope>();

/** Whose the statement is that is being sent. What is not read for a caller is the system's own doing. */
export const currentScope = (): Scope => scopes.getStore() ?? SYSTEM;

/** Making one costs as much as a short statement, and callers come again. */
const READERS_MAX = 200;
const readersOf = new WeakMap<PrismaClient, Map<string, PrismaClient>>();

/**
 * The same client, reading for a caller: whatever it is asked, the database shows it no row of another project, and
 * refuses to write. It has neither transactions nor unique reads: Prisma sends the unique reads of a tick as one, whoever
 * asked for them.
 */
export function readerFor(prisma: PrismaClient, visible: VisibleProjects): PrismaClient {
  const projects = visible === 'ALL' ? '*' : visible.join(',');
  const readers = readersOf.get(prisma) ?? new Map<string, PrismaClient>();
  readersOf.set(prisma, readers);
  const reader = readers.get(projects) ?? scopedReader(prisma, { projects, readOnly: true });
  if (readers.size >= READERS_MAX) readers.clear();
  readers.set(projects, reader);
  return reader;
}

function scopedReader(prisma: PrismaClient, scope: Scope): PrismaClient {
  const reader = prisma.$extends({
    query: {
      $allOperations({ operation, args, query }) {
        if (operation.startsWith('findUnique')) throw new Error('A reader for a caller has no unique reads');
        // Awaited within, because a query begins when somebody waits for it.
        return scopes.run(scope, async () => await query(args));
      },
    },
  });
  return reader as unknown as PrismaClient;
}
