import { ulid } from 'ulid';
import type { PrismaClient } from '../database/generated/client.js';
import { PublicError } from '../errors.js';
import type { Position, Positioned } from '../eventStore/event.js';

/** What an operator is told: of an error that is not meant for callers, only where it can be read. */
export const reasonOf = (error: unknown): string =>
  error instanceof PublicError ? error.message : "Unexpected error; the log has it under the event's id.";

export type DeadLetters = Awaited<ReturnType<typeof createDeadLetters>>;

type Consumer = { readonly name: string; readonly source: string };

/** The parked events of one process manager. A stream with a parked event is blocked until it is replayed. */
export async function createDeadLetters(
  prisma: PrismaClient,
  context: string,
  { name: consumer, source }: Consumer,
) {
  const parked = await prisma.deadLetter.findMany({
    where: { consumer, source },
    select: { streamId: true },
    distinct: ['streamId'],
  });
  const blocked = new Set(parked.map(({ streamId }) => streamId));

  return {
    blocks: (streamId: string) => blocked.has(streamId),

    /** Parking the same event again only counts the attempt. */
    async park(
      event: Positioned,
      kind: 'FAILED' | 'BEHIND',
      reason: string,
      attempts: number,
    ): Promise<void> {
      const { position, streamId, id: eventId, type: eventType } = event;
      await prisma.deadLetter.upsert({
        where: { consumer_source_position: { consumer, source, position } },
        create: {
          id: `deadletter_${ulid()}`,
          context,
          consumer,
          source,
          position,
          streamId,
          eventId,
          eventType,
          kind,
          reason,
          attempts,
        },
        update: { kind, reason, attempts: { increment: attempts }, lastAt: new Date() },
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
        if (!letter) {
          blocked.delete(streamId);
          return handled;
        }
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
          await prisma.deadLetter.update({ where: { id: letter.id }, data });
          return handled;
        }
        await prisma.deadLetter.delete({ where: { id: letter.id } });
      }
    },
  };
}
