import { readClock } from '../database/clock.js';
import type { Database } from '../database/database.js';
import type { Lease, Term } from '../lease/lease.js';

export type DueTimer = {
  readonly name: string;
  readonly key: string;
  readonly dueAt: Date;
  readonly payload: unknown;
};

const PAGE = 100;

/** Resolves after how many milliseconds the timer is wanted again; nothing if it is not. */
export type TimerHandler = (timer: DueTimer) => Promise<number | void>;

/**
 * Hands the context's due timers to their handlers, by the database's clock, at least once and no earlier than due. A
 * timer is gone once its handler resolved, unless it wants it again or it was set again meanwhile. Handlers must bear a
 * repeat. Of all processes of the context the one that has the lease does it.
 */
export function runTimers(options: {
  database: Database;
  context: string;
  lease: Lease;
  handlers: Readonly<Record<string, TimerHandler>>;
  onError: (error: unknown, timer?: DueTimer) => void;
  pollMs?: number;
}): AsyncDisposable {
  const { database, context, lease, handlers, onError, pollMs = 500 } = options;
  const names = Object.keys(handlers);
  let running: Promise<void> | null = null;
  let closed = false;

  /** Those that are due after the given one, in the order of their deadlines. */
  const readDue = (last: Pick<DueTimer, 'name' | 'key' | 'dueAt'>) =>
    database.prisma.$queryRaw<DueTimer[]>`
      SELECT name, key, due_at AS "dueAt", payload FROM eventlog.timer
      WHERE context = ${context} AND name = ANY(${names}) AND due_at <= clock_timestamp()
        AND (due_at, name, key) > (${last.dueAt}::timestamptz, ${last.name}, ${last.key})
      ORDER BY due_at, name, key LIMIT ${PAGE}`;

  /** One look at all that are due: those that fail stay, and are not in the way of the others. */
  async function runDue(term: Term): Promise<void> {
    let page = await readDue({ dueAt: new Date(0), name: '', key: '' });
    for (let last = page.at(-1); last && !closed && !term.isOver(); last = page.at(-1)) {
      for (const timer of page) await run(timer, term);
      page = await readDue(last);
    }
  }

  async function run(timer: DueTimer, term: Term): Promise<void> {
    if (closed || term.isOver()) return;
    try {
      const againMs = await handlers[timer.name]?.(timer);
      const { name, key, dueAt } = timer;
      const where = { context, name, key, dueAt };
      if (typeof againMs === 'number') {
        const { prisma } = database;
        const next = new Date((await readClock(prisma)).getTime() + againMs);
        await prisma.timer.updateMany({ where, data: { dueAt: next } });
      } else await database.prisma.timer.deleteMany({ where });
    } catch (error) {
      onError(error, timer);
    }
  }

  const poll = setInterval(() => {
    const term = lease.term();
    if (!term) return;
    running ??= runDue(term)
      .catch((error: unknown) => onError(error))
      .finally(() => (running = null));
  }, pollMs).unref();

  return {
    async [Symbol.asyncDispose]() {
      closed = true;
      clearInterval(poll);
      await running;
    },
  };
}
