import { unavailable } from '../errors.js';
import type { Database } from './database.js';

/** Fails with UNAVAILABLE while the database does not answer. */
export async function assertAnswers({ prisma }: Database): Promise<void> {
  await prisma.$queryRaw`SELECT 1`.catch(() => {
    throw unavailable('The database');
  });
}
