import { createJobTail, type GrowingTail, type JobTail } from './jobTail.js';
import type { LogLine } from './logLine.js';
import type { LogRepository } from './log.repository.js';

/** How often is asked, while somebody reads, for what other processes have stored and whether a log is complete. */
const POLL_MS = 500;

/** What a writer of a job's log tells the readers of its own process, who see lines before they are stored. */
export interface JobFeed {
  readonly tail: JobTail;
  append(lines: readonly LogLine[]): void;
  markStored(offset: number): void;
  /** Nobody writes here any more. Readers go on with what was and will be stored. */
  close(): void;
}

/** The tails of a process: one for each job whose log is read or written in it. */
export interface JobTails extends AsyncDisposable {
  /** The tail of a job's log, kept as long as somebody holds it. A tail that is closed is to be released and asked for again. */
  acquire(jobId: string): { readonly tail: JobTail; release(): void };
  /** Begins to write where the log ends. Whoever reads goes over to the new tail. */
  feed(jobId: string, offset: number): JobFeed;
  /** Something may be complete: looks at once. */
  poke(): void;
}

type Entry = { readonly tail: GrowingTail; readers: number; isFed: boolean };

export function createJobTails(options: {
  store: Pick<LogRepository, 'standings' | 'linesAt'>;
  onError: (error: unknown) => void;
  pollMs?: number;
}): JobTails {
  const { store, onError, pollMs = POLL_MS } = options;
  const entries = new Map<string, Entry>();
  let looking: Promise<void> | null = null;
  let isPoked = false;

  function drop(jobId: string, entry: Entry): void {
    if (entries.get(jobId) === entry) entries.delete(jobId);
    entry.tail.close();
  }

  function poke(): void {
    isPoked = true;
    looking ??= look()
      .catch(onError)
      .finally(() => (looking = null));
  }

  async function look(): Promise<void> {
    while (isPoked) {
      isPoked = false;
      const read = [...entries].filter(([, { readers, tail }]) => readers > 0 && !tail.isComplete);
      if (read.length === 0) return;
      const standings = await store.standings(read.map(([jobId]) => jobId));
      for (const [jobId, entry] of read) {
        const { next = 0, isComplete = false } = standings.get(jobId) ?? {};
        if (!entry.isFed) await pull(jobId, entry.tail, next);
        if (isComplete && entry.tail.end === next) entry.tail.complete();
      }
    }
  }

  /** Reads on what another process has stored. Of a log that is far ahead readers page through the beginning themselves. */
  async function pull(jobId: string, tail: GrowingTail, next: number): Promise<void> {
    while (tail.end > 0 && tail.end < next && !tail.isClosed) {
      const stored = await store.linesAt(jobId, tail.end);
      if (!stored || stored.offset > tail.end) break;
      tail.append(stored.lines.slice(tail.end - stored.offset));
      tail.markStored(tail.end, true);
    }
    if (tail.end < next) tail.markStored(next, true);
  }

  const ticking = setInterval(poke, pollMs).unref();
  return {
    poke,
    acquire(jobId) {
      const entry = entries.get(jobId) ?? { tail: createJobTail(0), readers: 0, isFed: false };
      entries.set(jobId, entry);
      entry.readers += 1;
      poke();
      return {
        tail: entry.tail,
        release() {
          entry.readers -= 1;
          if (entry.readers === 0 && !entry.isFed) drop(jobId, entry);
        },
      };
    },
    feed(jobId, offset) {
      const before = entries.get(jobId);
      if (before) drop(jobId, before);
      const entry: Entry = { tail: createJobTail(offset), readers: 0, isFed: true };
      entries.set(jobId, entry);
      const { tail } = entry;
      return {
        tail,
        append: tail.append,
        markStored: (stored) => tail.markStored(stored, entry.readers > 0),
        close() {
          entry.isFed = false;
          if (tail.end > tail.stored || entry.readers === 0) drop(jobId, entry);
        },
      };
    },
    async [Symbol.asyncDispose]() {
      clearInterval(ticking);
      for (const [jobId, entry] of entries) drop(jobId, entry);
      await looking;
    },
  };
}
