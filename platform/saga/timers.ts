import type { Database } from '../database/database.js';

export type DueTimer = {
  readonly name: string;
  readonly key: string;
  readonly dueAt: Date;
  readonly payload: unknown;
};

/**
 * Hands the context's due timers to their handlers, by the database's clock, at least once and no earlier than due. A
 * timer is gone once its handler resolved, unless it was set again meanwhile. Handlers must bear a repeat.
 */
export function runTimers(options: {
  database: Database;
  context: string;
  handlers: Readonly<Record<string, (timer: DueTimer) => Promise<void>>>;
  onError: (error: unknown, timer?: DueTimer) => void;
  pollMs?: number;
}): AsyncDisposable {
  const { database, context, handlers, onError, pollMs = 500 } = options;
  const names = Object.keys(handlers);
  let running: Promise<void> | null = null;
  let closed = false;

  async function runDue(): Promise<void> {
    const due = await database.prisma.$queryRaw<DueTimer[]>`
      SELECT name, key, due_at AS "dueAt", payload FROM eventlog.timer
      WHERE context = ${context} AND name = ANY(${names}) AND due_at <= clock_timestamp() ORDER BY due_at LIMIT 100`;
    for (const timer of due) {
      if (closed) return;
      try {
        await handlers[timer.name]?.(timer);
        await database.prisma.timer.deleteMany({
          where: { context, name: timer.name, key: timer.key, dueAt: timer.dueAt },
        });
      } catch (error) {
        onError(error, timer);
      }
    }
  }

  const poll = setInterval(() => {
    running ??= runDue()
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
