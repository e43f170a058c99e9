import { cursorExpired, notFound } from '../../../platform/errors.js';
import type { Context } from '../context.js';
import { seesContents } from '../instance/instance.access.js';
import type { JobLogLine } from './jobLogs.type.js';
import { decodePosition, encodePosition, type LogPosition } from './position.js';
import { type PlacedLine, readLog } from './readLog.js';

export type JobLogArgs = { id: string; after?: string | null };

/**
 * Opens the log of a job from the first line that is kept, or behind a cursor. Refused at once for who may not see into the
 * project, and for a cursor behind which lines are no longer kept. Then it is open until the log ends, or the call's signal aborts.
 */
export async function openJobLog(
  { id, after }: JobLogArgs,
  { logs, principal, call }: Context,
): Promise<AsyncIterable<JobLogLine[]>> {
  const { store, tails } = logs;
  const projectId = await store.projectOf(id);
  if (projectId === null || !seesContents(principal, projectId)) throw notFound('Job', id);
  const asked = after ? decodePosition(id, after) : null;
  const { first, next } = await store.kept(id);
  if (asked && (asked.offset < first || asked.offset > next)) throw cursorExpired(id);
  const start: LogPosition = asked ?? { offset: first, ahead: new Map() };
  return toFrames(id, readLog({ store, tails, jobId: id, after: start, signal: call.signal }));
}

async function* toFrames(
  jobId: string,
  frames: AsyncIterable<readonly PlacedLine[]>,
): AsyncGenerator<JobLogLine[]> {
  for await (const frame of frames) yield frame.map((placed) => toJobLogLine(jobId, placed));
}

const toJobLogLine = (jobId: string, { line, position }: PlacedLine): JobLogLine => ({
  cursor: encodePosition(jobId, position),
  attempt: line.source.attempt,
  pod: line.source.pod,
  at: line.at,
  line: line.text,
  isNotice: line.isNotice,
});
