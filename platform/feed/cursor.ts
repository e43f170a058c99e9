import { badUserInput } from '../errors.js';
import type { Position } from '../eventStore/event.js';

/** The place in a context's order as clients see it: opaque text that only the same context accepts. */
export const encodeCursor = (context: string, position: Position): string =>
  Buffer.from(`${context}:0:${position}`).toString('base64url');

export function decodeCursor(context: string, cursor: string): Position {
  const [owner, shard, position] = Buffer.from(cursor, 'base64url').toString().split(':');
  if (owner !== context || shard !== '0' || !/^\d{1,18}$/.test(position ?? ''))
    throw badUserInput([{ path: ['after'], message: 'is no cursor of this feed' }]);
  return BigInt(position ?? 0);
}
