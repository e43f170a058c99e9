/** A pod whose log is part of a job's. `stream` counts the job's pods in the order in which their logs were begun. */
export type LogSource = {
  readonly stream: number;
  readonly attempt: number;
  /** Which pod of the attempt, from 0. */
  readonly pod: number;
};

/** A line of a job's log, in the order in which it arrived. */
export type LogLine = {
  readonly source: LogSource;
  /** When it was printed: RFC 3339 in UTC with nanoseconds. */
  readonly at: string;
  readonly text: string;
  /** Whether Fleetgraph says it, about the log, and not the job. */
  readonly isNotice: boolean;
};

/** Of a longer line only the beginning is kept. */
export const LINE_BYTES_MAX = 16 * 1024;

/** The line as it is shown: one that was cut says so. */
export function shownText({ text, bytes }: { text: string; bytes: number }): string {
  return bytes > LINE_BYTES_MAX ? `${text} … [cut: the line has ${bytes.toLocaleString('en')} bytes]` : text;
}

/** About what a line takes in memory. */
export const sizeOf = ({ text }: LogLine): number => text.length + 64;
