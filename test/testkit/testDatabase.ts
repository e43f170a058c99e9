import { type Database, openDatabase } from '../../platform/database/database.js';

/** A migrated database of its own for one test: in memory, or on the PostgreSQL server named by TEST_DATABASE_URL. */
export const testDatabase = (): Promise<Database> => openDatabase({ url: 'pglite:' });
