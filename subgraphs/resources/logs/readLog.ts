import { cursorExpired } from '../../../platform/errors.js';
import type { JobTail } from './jobTail.js';
import type { JobTails } from './jobTails.js';
import type { LogLine } from './logLine.js';
import type { LogRepository } from './log.repository.js';
import type { LogPosition } from './position.js';

/** A line and the position behind it. */
export type PlacedLine = { readonly line: LogLine; readonly position: LogPosition };

const FRAME_LINES_MAX = 500;

/**
 * The lines of a job's log behind a position, in frames: every line once and in order, stored ones first, then what is printed.
 * Ends when nothing can follow, or when the signal aborts. Nobody waits for a reader: one that is slow reads what was stored.
 * Throws CURSOR_EXPIRED when what follows the position is no longer kept.
 */
export async function* readLog(options: {
  store: Pick<LogRepository, 'linesAt'>;
  tails: JobTails;
  jobId: string;
  after: LogPosition;
  signal: AbortSignal;
}): AsyncGenerator<readonly PlacedLine[]> {
  const { tails, jobId, signal } = options;
  let position = options.after;
  while (!signal.aborted) {
    const { tail, release } = tails.acquire(jobId);
    try {
      for await (const frame of framesOf(tail, { ...options, after: position })) {
        position = frame.at(-1)?.position ?? position;
        yield frame;
      }
      if (tail.isComplete) return;
    } finally {
      release();
    }
  }
}

type Reading = {
  store: Pick<LogRepository, 'linesAt'>;
  jobId: string;
  after: LogPosition;
  signal: AbortSignal;
};

/** Ends when the tail is complete or closed. */
async function* framesOf(tail: JobTail, { store, jobId, after, signal }: Reading) {
  const place = createPlacing(after, tail);
  let offset = after.offset;
  while (!signal.aborted && !tail.isClosed) {
    if (offset < tail.start) {
      const chunk = await store.linesAt(jobId, offset);
      if (!chunk || chunk.offset > offset) throw cursorExpired(jobId);
      const lines = chunk.lines.slice(offset - chunk.offset);
      for (let n = 0; n < lines.length && !signal.aborted; n += FRAME_LINES_MAX)
        yield* nonEmpty(place(lines.slice(n, n + FRAME_LINES_MAX), offset + n));
      offset += lines.length;
    } else if (offset < tail.end) {
      const lines = tail.lines(offset, offset + FRAME_LINES_MAX);
      const frame = place(lines, offset);
      offset += lines.length;
      yield* nonEmpty(frame);
    } else if (tail.isComplete) return;
    else await tail.changed(signal);
  }
}

const nonEmpty = (frame: readonly PlacedLine[]) => (frame.length > 0 ? [frame] : []);

type Counts = Map<number, number>;
const NONE: Counts = new Map();

/** Leaves out what the reader has had already, and gives each line the position behind it. */
function createPlacing(after: LogPosition, tail: JobTail) {
  const ahead: Counts = new Map(after.ahead);

  return (lines: readonly LogLine[], offset: number): PlacedLine[] => {
    const { stored } = tail;
    // Of each stream, the lines behind what is stored and before the place that is reached.
    const unstored = countStreams(offset > stored ? tail.lines(stored, offset) : []);
    return lines.flatMap((line, n) => {
      const { stream } = line.source;
      const isStored = offset + n < stored;
      if (!isStored) add(unstored, stream, 1);
      const isHad = ahead.has(stream);
      if (isHad) add(ahead, stream, -1);
      if (isHad) return [];
      const position = isStored
        ? { offset: offset + n + 1, ahead: sum(ahead, NONE) }
        : { offset: stored, ahead: sum(ahead, unstored) };
      return [{ line, position }];
    });
  };
}

function countStreams(lines: readonly LogLine[]): Counts {
  const counts: Counts = new Map();
  for (const { source } of lines) add(counts, source.stream, 1);
  return counts;
}

function add(counts: Counts, stream: number, more: number): void {
  const count = (counts.get(stream) ?? 0) + more;
  if (count > 0) counts.set(stream, count);
  else counts.delete(stream);
}

function sum(some: Counts, others: Counts): ReadonlyMap<number, number> {
  if (some.size === 0 && others.size === 0) return NONE;
  const all = new Map(some);
  for (const [stream, count] of others) add(all, stream, count);
  return all;
}
