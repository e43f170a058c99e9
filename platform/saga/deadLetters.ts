import { ulid } from 'ulid';
import type { PrismaClient } from '../database/generated/client.js';
import type { Position, Positioned } from '../eventStore/event.js';

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

    /** Handles a stream's parked events in order and frees the stream; stops at the first that fails again. */
    async replay(
      streamId: string,
      readEvent: (position: Position) => Promise<Positioned | null>,
      react: (event: Positioned) => Promise<void>,
    ): Promise<number> {
      let handled = 0;
      for (;;) {
        const letter = await prisma.deadLetter.findFirst({
          where: { consumer, source, streamId },
          orderBy: { position: 'asc' },
        });
        if (!letter) break;
        const event = await readEvent(letter.position);
        if (event) await react(event);
        await prisma.deadLetter.delete({ where: { id: letter.id } });
        handled++;
      }
      blocked.delete(streamId);
      return handled;
    },
  };
}
