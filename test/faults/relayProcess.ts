import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { type Database, openDatabase } from '../../platform/database/database.js';
import { createEventStore } from '../../platform/eventStore/eventStore.js';
import { createDatabaseLease } from '../../platform/lease/databaseLease.js';
import type { EventLog } from '../../platform/log/log.js';
import { createLedRelay } from '../../platform/log/relay.js';

/**
 * A process that relays a context to its standard output while it has the lease. Arguments: database, context, and how long
 * a term lasts. It says `publish <first> <last>` and waits for a line on its standard input before that counts as done, and
 * `moved <rows>` for every attempt to move the checkpoint.
 */
async function main(url: string, context: string, termMs: number): Promise<void> {
  const say = (line: string) => void process.stdout.write(`${line}\n`);
  const fail = (error: unknown) => say(`failed ${String(error)}`);
  const input = createInterface({ input: process.stdin });
  const database = await openDatabase({ url, poolMax: 3 });
  const lease = createDatabaseLease({ database, name: `${context}.relay`, termMs, onError: fail });
  const log: EventLog = {
    isShared: true,
    pollMs: () => termMs,
    async publish(_context, events) {
      const allowed = once(input, 'line');
      say(`publish ${events[0]?.position} ${events.at(-1)?.position}`);
      await allowed;
    },
    subscribe: () => Promise.resolve(() => Promise.resolve()),
    [Symbol.asyncDispose]: () => Promise.resolve(),
  };
  await lease.start();
  const history = createEventStore(database.prisma, context);
  createLedRelay({
    database: tellingMoves(database, (rows) => say(`moved ${rows}`)),
    lease,
    history,
    log,
    onError: fail,
  });
}

function tellingMoves(database: Database, tell: (rows: number) => void): Database {
  const prisma = database.prisma.$extends({
    query: {
      checkpoint: {
        async updateMany({ args, query }) {
          const result = await query(args);
          tell(result.count);
          return result;
        },
      },
    },
  });
  return { ...database, prisma: prisma as unknown as Database['prisma'] };
}

const [url = '', context = '', termMs = ''] = process.argv.slice(2);
await main(url, context, Number(termMs));
