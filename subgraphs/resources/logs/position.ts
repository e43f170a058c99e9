import { badUserInput } from '../../../platform/errors.js';

/**
 * A place in a job's log that outlives the process: behind the first `offset` lines, all of which are stored, and behind so
 * many lines of single streams that follow them. Lines of different pods that were not stored yet may be stored in another
 * order, those of one pod never.
 */
export type LogPosition = { readonly offset: number; readonly ahead: ReadonlyMap<number, number> };

export const LOG_START: LogPosition = { offset: 0, ahead: new Map() };

const KIND = 'log';

/** The position as clients see it: opaque text that only the feed of the same job accepts. */
export function encodePosition(jobId: string, { offset, ahead }: LogPosition): string {
  const counts = [...ahead].map(([stream, count]) => `${stream.toString(36)}.${count.toString(36)}`);
  return Buffer.from([KIND, jobId, offset.toString(36), ...counts].join(':')).toString('base64url');
}

export function decodePosition(jobId: string, cursor: string): LogPosition {
  const [kind, job, offset = '', ...counts] = Buffer.from(cursor, 'base64url').toString().split(':');
  const isOurs = kind === KIND && job === jobId && /^[0-9a-z]{1,10}$/.test(offset);
  if (!isOurs || !counts.every((count) => /^[0-9a-z]{1,6}\.[0-9a-z]{1,6}$/.test(count)))
    throw badUserInput([{ path: ['after'], message: 'is no cursor of this feed' }]);
  const ahead = counts.map((count): [number, number] => {
    const [stream = '', lines = ''] = count.split('.');
    return [parseInt(stream, 36), parseInt(lines, 36)];
  });
  return { offset: parseInt(offset, 36), ahead: new Map(ahead) };
}
