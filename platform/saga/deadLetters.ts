import { ulid } from 'ulid';
import type { PrismaClient } from '../database/generated/client.js';
import { PublicError } from '../errors.js';
import type { Position, Positioned } from '../eventStore/event.js';

/** What an operator is told: of an error that is not meant for callers, only where it can be read. */
export const reasonOf = (error: unknown): string =>
  error instanceof PublicError ? error.message : "Unexpected error; the log has it under the event's id.";

export type DeadLetters = ReturnType<typeof createDeadLetters>;

type Consumer = { readonly name: string; readonly source: string };

/**
 * The parked events of one process manager. A stream with a parked event is blocked until it is replayed. Events are
 * parked by the process that leads, and replayed by any.
 */
export function createDeadLetters(
  prisma: PrismaClient,
  context: string,
  { name: consumer, source }: Consumer,
) {
  /** Streams that may be blocked: one that was freed elsewhere is found out when its next event comes. */
  let blocked = new Set<string>();

  return {
    /** Reads which streams are blocked. To be done first by whoever parks from now on. */
    async load(): Promise<void> {
      const parked = await prisma.deadLetter.findMany({
        where: { consumer, source },
        select: { streamId: true },
        distinct: ['streamId'],
      });
      blocked = new Set(parked.map(({ streamId }) => streamId));
    },

    /**
     * Parks an event if its stream is blocked; false if it is not. The row before it is locked meanwhile, so that a replay
     * finds either that row gone, or the event behind it.
     */
    async parkBehind({ position, streamId, id, type }: Positioned): Promise<boolean> {
      if (!blocked.has(streamId)) return false;
      const reason = 'An earlier event of its stream is parked.';
      const found = await prisma.$queryRaw<unknown[]>`
        WITH earlier AS (
          SELECT id FROM eventlog.dead_letter
          WHERE consumer = ${consumer} AND source = ${source} AND stream_id = ${streamId} AND position <= ${position}
          ORDER BY position LIMIT 1 FOR UPDATE
        ), parked AS (
          INSERT INTO eventlog.dead_letter (id, context, consumer, source, position, stream_id, event_id, event_type, kind,
            reason, attempts)
          SELECT ${newId()}, ${context}, ${consumer}, ${source}, ${position}::bigint, ${streamId}, ${id}::uuid, ${type},
            'BEHIND', ${reason}, 0 FROM earlier
          ON CONFLICT (consumer, source, position) DO NOTHING
        )
        SELECT id FROM earlier`;
      if (found.length === 0) blocked.delete(streamId);
      return found.length > 0;
    },

    /** Parks an event that failed so often. Parking the same event again only counts the attempts. */
    async park(event: Positioned, reason: string, attempts: number): Promise<void> {
      const { position, streamId, id: eventId, type: eventType } = event;
      const seen = { consumer, source, position, streamId, eventId, eventType };
      await prisma.deadLetter.upsert({
        where: { consumer_source_position: { consumer, source, position } },
        create: { id: newId(), context, ...seen, kind: 'FAILED', reason, attempts },
        update: { kind: 'FAILED', reason, attempts: { increment: attempts }, lastAt: new Date() },
      });
      blocked.add(streamId);
    },

    /**
     * Handles a stream's parked events in order and frees the stream. Stops at the first that fails again, whose reason
     * is then the new one. Returns how many went through.
     */
    async replay(
      streamId: string,
      readEvent: (position: Position) => Promise<Positioned | null>,
      react: (event: Positioned) => Promise<void>,
    ): Promise<number> {
      for (let handled = 0; ; handled++) {
        const letter = await prisma.deadLetter.findFirst({
          where: { consumer, source, streamId },
          orderBy: { position: 'asc' },
        });
        if (!letter) return handled;
        const event = await readEvent(letter.position);
        try {
          if (event) await react(event);
        } catch (error) {
          const data = {
            kind: 'FAILED',
            reason: reasonOf(error),
            attempts: { increment: 1 },
            lastAt: new Date(),
          };
          await prisma.deadLetter.updateMany({ where: { id: letter.id }, data });
          return handled;
        }
        await prisma.deadLetter.deleteMany({ where: { id: letter.id } });
      }
    },
  };
}

const newId = () => `deadletter_${ulid()}`;
