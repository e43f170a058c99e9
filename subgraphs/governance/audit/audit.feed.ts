import { cursorExpired } from '../../../platform/errors.js';
import { decodeCursor, encodeCursor } from '../../../platform/feed/cursor.js';
import type { Context } from '../context.js';
import type { AuditFilter, AuditStreamItem } from './auditEvent.type.js';
import { toAuditEvent } from './toAuditEvent.js';

export type AuditStreamArgs = { filter?: AuditFilter | null; after?: string | null };

/** The trail has an order of its own over all contexts, so its cursors are its own too. */
const TRAIL = 'trail';
const PAGE = 100;

/**
 * What the viewer may see of the trail as it grows, from now on or behind a cursor, none missing and none twice. It is
 * open until the call's signal aborts. Refused with CURSOR_EXPIRED for a place that this trail has never reached: it was
 * handed out before the store was set back, and nothing can be said about what followed it.
 */
export async function openAuditStream(
  { filter, after }: AuditStreamArgs,
  context: Context,
): Promise<AsyncIterable<AuditStreamItem>> {
  const start = after == null ? null : decodeCursor(TRAIL, after);
  await context.trailIsCurrent();
  const head = await context.repositories.trail.head();
  if (start !== null && start > head) throw cursorExpired('auditStream');
  return follow(start ?? head, filter ?? {}, context);
}

async function* follow(
  start: bigint,
  filter: AuditFilter,
  { repositories, principal, trailTail, call }: Context,
): AsyncGenerator<AuditStreamItem> {
  for (let after = start; !call.signal.aborted;) {
    const { seen } = trailTail;
    const rows = await repositories.trail.following(principal, filter, { take: PAGE, after });
    for (const row of rows) {
      yield { cursor: encodeCursor(TRAIL, row.sequence), event: toAuditEvent(row) };
      after = row.sequence;
    }
    if (rows.length < PAGE) await trailTail.grows(seen, call.signal);
  }
}
