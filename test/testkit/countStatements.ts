import { AsyncLocalStorage } from 'node:async_hooks';
import type { Database } from '../../platform/database/database.js';

/** The same database, and how many statements it is sent by what runs inside `count`. */
export function countStatements(database: Database) {
  const current = new AsyncLocalStorage<{ statements: number }>();
  const prisma = database.prisma.$extends({
    query: {
      $allOperations({ args, query }) {
        const counter = current.getStore();
        if (counter) counter.statements += 1;
        return query(args);
      },
    },
  });
  return {
    database: { ...database, prisma: prisma as unknown as Database['prisma'] },
    count: async <Result>(work: () => Promise<Result>): Promise<{ result: Result; statements: number }> => {
      const counter = { statements: 0 };
      const result = await current.run(counter, work);
      return { result, statements: counter.statements };
    },
  };
}
