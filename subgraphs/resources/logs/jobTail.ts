import { type LogLine, sizeOf } from './logLine.js';

/** Stored lines stay in memory up to this size, as long as somebody reads. */
const KEPT_MAX = 256 * 1024;

/**
 * The newest lines of a job's log, shared by all of its readers in a process. Line `n` is the log's n-th, counted from 0; lines
 * from `stored` on are known here alone.
 */
export interface JobTail {
  /** The first line that is in memory. */
  readonly start: number;
  /** Behind the last line. */
  readonly end: number;
  readonly stored: number;
  /** Whether nothing will follow. */
  readonly isComplete: boolean;
  /** Whether it is no longer kept: what was not stored is to be read anew elsewhere. */
  readonly isClosed: boolean;
  lines(from: number, to: number): readonly LogLine[];
  /** Resolves at the next change, or when the signal aborts. */
  changed(signal: AbortSignal): Promise<void>;
}

export interface GrowingTail extends JobTail {
  append(lines: readonly LogLine[]): void;
  /** Everything before the offset is stored. Forgets what need not be in memory. */
  markStored(offset: number, isRead: boolean): void;
  complete(): void;
  close(): void;
}

export function createJobTail(base: number): GrowingTail {
  let kept: LogLine[] = [];
  let start = base;
  let stored = base;
  let isComplete = false;
  let isClosed = false;
  let waiting: (() => void)[] = [];

  function wake(): void {
    const woken = waiting;
    waiting = [];
    for (const resume of woken) resume();
  }

  function forget(keptMax: number): void {
    let size = 0;
    let from = kept.length;
    while (from > 0 && (start + from > stored || size < keptMax)) {
      from -= 1;
      size += sizeOf(kept[from] as LogLine);
    }
    kept = kept.slice(from);
    start += from;
  }

  return {
    get start() {
      return start;
    },
    get end() {
      return start + kept.length;
    },
    get stored() {
      return stored;
    },
    get isComplete() {
      return isComplete;
    },
    get isClosed() {
      return isClosed;
    },
    lines: (from, to) => kept.slice(from - start, to - start),
    changed: (signal) =>
      new Promise((resolve) => {
        if (signal.aborted || isClosed) return resolve();
        const done = () => {
          signal.removeEventListener('abort', done);
          waiting = waiting.filter((resume) => resume !== done);
          resolve();
        };
        signal.addEventListener('abort', done);
        waiting.push(done);
      }),
    append(lines) {
      for (const line of lines) kept.push(line);
      wake();
    },
    markStored(offset, isRead) {
      stored = offset;
      if (offset > start + kept.length) {
        kept = [];
        start = offset;
      } else forget(isRead ? KEPT_MAX : 0);
      wake();
    },
    complete() {
      isComplete = true;
      wake();
    },
    close() {
      isClosed = true;
      wake();
    },
  };
}
