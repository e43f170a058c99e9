import type { JobFeed, JobTails } from './jobTails.js';
import type { LogPart, LogRepository, PodOfJob, StoredStream } from './log.repository.js';
import { type LogLine, type LogSource, sizeOf } from './logLine.js';
import type { ResumePoint } from './resumePoint.js';

const STORE_EVERY_MS = 1_000;
/** So much of a job's log is stored at once, without waiting for the time. */
const PART_MAX = 256 * 1024;
/** Whoever adds more waits until some is stored. */
const UNSTORED_MAX = 4 * PART_MAX;

/** The log of one job, as long as this process writes it. */
export interface JobLog {
  /** Aborts when this process no longer writes this log. What was not stored then is to be read again. */
  readonly lost: AbortSignal;
  /** Begins the log of one of its pods, or goes on with it. */
  open(pod: PodOfJob): Promise<StoredStream>;
  /**
   * Shows lines to the readers of this process at once, and stores them within a second. `resume` is how far their pod was
   * read with them. Waits while much is not stored yet, never for a reader.
   */
  add(source: LogSource, lines: readonly LogLine[], resume: ResumePoint | null): Promise<void>;
  /** Nothing more comes from that pod. Resolves once that is stored, or the log is lost. */
  end(source: LogSource, resume: ResumePoint | null): Promise<void>;
}

/** Writes the logs of jobs: for all together one statement a second. Stores what is left when it is disposed. */
export interface LogWriter extends AsyncDisposable {
  /** Begins to write a job's log where it is stored to; `pod` is the first of its pods to be read. */
  begin(pod: PodOfJob): Promise<JobLog>;
  /** Stores what is left of a job's log, and lets go of it. */
  finish(log: JobLog): Promise<void>;
}

type Addition = { readonly lines: number; readonly size: number; readonly seen: LogPart['streams'][number] };

type Writing = {
  readonly jobId: string;
  readonly feed: JobFeed;
  readonly lost: AbortController;
  additions: Addition[];
  size: number;
  waiting: (() => void)[];
};

export function createLogWriter(options: {
  store: Pick<LogRepository, 'openStream' | 'store'>;
  tails: JobTails;
  onError: (error: unknown) => void;
  storeEveryMs?: number;
}): LogWriter {
  const { store, tails, onError, storeEveryMs = STORE_EVERY_MS } = options;
  const writings = new Map<JobLog, Writing>();
  let storing: Promise<void> | null = null;

  const storeNow = (): Promise<void> =>
    (storing ??= storeParts()
      .catch(onError)
      .finally(() => (storing = null)));

  async function storeParts(): Promise<void> {
    do {
      const dirty = [...writings.values()].filter(({ additions }) => additions.length > 0);
      if (dirty.length === 0) return;
      const parts = dirty.map(toPart);
      const stored = await store.store(parts.map(({ part }) => part));
      for (const { writing, part, additions } of parts) {
        if (stored.has(part.jobId)) settle(writing, part, additions);
        else letGo(writing);
      }
      if (parts.some(({ part }) => part.streams.some(({ hasEnded }) => hasEnded))) tails.poke();
    } while ([...writings.values()].some(({ size }) => size >= PART_MAX));
  }

  function letGo(writing: Writing): void {
    for (const [log, { lost }] of writings) if (lost === writing.lost) writings.delete(log);
    writing.lost.abort();
    writing.feed.close();
    wake(writing);
  }

  function toJobLog(writing: Writing): JobLog {
    const { feed, lost } = writing;
    const addition = async (added: Addition): Promise<void> => {
      writing.additions.push(added);
      writing.size += added.size;
      if (writing.size >= PART_MAX || added.seen.hasEnded) void storeNow();
      while (isWaitedFor(writing, added) && !lost.signal.aborted) await changeOf(writing);
    };
    return {
      lost: lost.signal,
      open: (pod) => store.openStream(pod),
      add({ stream }, lines, resume) {
        feed.append(lines);
        const size = lines.reduce((sum, line) => sum + sizeOf(line), 0);
        return addition({ lines: lines.length, size, seen: { stream, resume, hasEnded: false } });
      },
      end: ({ stream }, resume) => addition({ lines: 0, size: 0, seen: { stream, resume, hasEnded: true } }),
    };
  }

  const ticking = setInterval(() => void storeNow(), storeEveryMs).unref();
  return {
    async begin(pod) {
      const { jobId } = pod;
      const { next } = await store.openStream(pod);
      const feed = tails.feed(jobId, next);
      const lost = new AbortController();
      const writing: Writing = { jobId, feed, lost, additions: [], size: 0, waiting: [] };
      const log = toJobLog(writing);
      writings.set(log, writing);
      return log;
    },
    async finish(log) {
      await storeNow();
      const writing = writings.get(log);
      if (writing) letGo(writing);
    },
    async [Symbol.asyncDispose]() {
      clearInterval(ticking);
      await storing;
      await storeNow();
      for (const writing of [...writings.values()]) letGo(writing);
    },
  };
}

/** The oldest additions, up to the size of a part. */
function toPart(writing: Writing) {
  const { jobId, feed } = writing;
  let size = 0;
  const full = writing.additions.findIndex((addition) => (size += addition.size) >= PART_MAX);
  const additions = full < 0 ? [...writing.additions] : writing.additions.slice(0, full + 1);
  const offset = feed.tail.stored;
  const count = additions.reduce((sum, { lines }) => sum + lines, 0);
  const streams = [...new Map(additions.map(({ seen }) => [seen.stream, seen])).values()];
  const part: LogPart = { jobId, offset, lines: feed.tail.lines(offset, offset + count), streams };
  return { writing, part, additions };
}

function settle(writing: Writing, part: LogPart, additions: readonly Addition[]): void {
  writing.additions = writing.additions.slice(additions.length);
  writing.size -= additions.reduce((sum, { size }) => sum + size, 0);
  writing.feed.markStored(part.offset + part.lines.length);
  wake(writing);
}

/** The end of a pod's log is waited for until it is stored, lines only while there are too many. */
const isWaitedFor = ({ additions, size }: Writing, added: Addition): boolean =>
  added.seen.hasEnded ? additions.includes(added) : size >= UNSTORED_MAX;

const changeOf = (writing: Writing): Promise<void> =>
  new Promise((resolve) => void writing.waiting.push(resolve));

function wake(writing: Writing): void {
  const woken = writing.waiting;
  writing.waiting = [];
  for (const resume of woken) resume();
}
