/**
 * How far a pod's log was read: the last line by its time, the how many-th of that time it was, and the newest time seen.
 * Times are texts that compare as times.
 */
export type ResumePoint = { readonly at: string; readonly count: number; readonly newest: string };

/** Tells the lines of a log that is read again from those that were read before. */
export interface Resume {
  /** Null before the first line. */
  readonly point: ResumePoint | null;
  /** Called with the time of every line in the order of the log, from the second of the point on. */
  isNew(at: string): boolean;
}

/**
 * A log that is asked for again begins with the whole second of the point. What lies behind the last line that was read is
 * new, even where two outputs of a pod were mixed a little out of order. If that line is gone because the node has begun a new
 * file, what is newer than everything that was read is new.
 */
export function createResume(from: ResumePoint | null): Resume {
  let point = from;
  let isBehind = from === null;
  let met = 0;
  return {
    get point() {
      return point;
    },
    isNew(at) {
      if (!isBehind && from && at <= from.newest) {
        if (at === from.at) met += 1;
        isBehind = met === from.count;
        return false;
      }
      isBehind = true;
      point = advance(point, at);
      return true;
    },
  };
}

function advance(point: ResumePoint | null, at: string): ResumePoint {
  if (!point) return { at, count: 1, newest: at };
  const { newest } = point;
  return { at, count: at === point.at ? point.count + 1 : 1, newest: at > newest ? at : newest };
}

/** From when on a log is asked for again. */
export const sinceOf = ({ at }: ResumePoint): string => `${at.slice(0, 19)}Z`;
