import type { Transaction } from '../database/database.js';
import { sqlState } from '../database/failures.js';
import type { PrismaClient } from '../database/generated/client.js';
import { type Aggregate, type Entity, evolveEntity, unborn } from './aggregate.js';
import type { DomainEvent, Position, Positioned, Recorded } from './event.js';
import { currentSchemaVersion, upcast, type Upcasters } from './upcast.js';

/** Somebody else appended to the stream first. Decide again on what it is now. */
export class ConcurrencyError extends Error {
  override readonly name = 'ConcurrencyError';
}

export type StreamRange = { after?: number; until?: string };

/** The events of one context. Nobody can change or remove a stored event. */
export type EventStore = ReturnType<typeof createEventStore>;

type Reader = Pick<PrismaClient, 'event'>;
type EventRow = Awaited<ReturnType<PrismaClient['event']['findFirstOrThrow']>>;

const SHARD = 0;

export function createEventStore(prisma: PrismaClient, context: string, upcasters: Upcasters = {}) {
  const toPositioned = (row: EventRow) => positioned(row, upcasters);

  /** In the order of versions. `until` leaves out what happened after that time. */
  async function readStream<Event extends DomainEvent>(
    streamId: string,
    range: StreamRange = {},
    reader: Reader = prisma,
  ): Promise<Positioned<Event>[]> {
    const rows = await reader.event.findMany({
      where: {
        context,
        streamId,
        version: { gt: range.after ?? 0 },
        ...(range.until !== undefined && { occurredAt: { lte: new Date(range.until) } }),
      },
      orderBy: { version: 'asc' },
    });
    return rows.map((row) => toPositioned(row) as Positioned<Event>);
  }

  return {
    context,
    readStream,

    /** In the order of positions, which is the order of commits: a reader that goes on from the last one skips none. */
    async readContext(after: Position, limit: number, reader: Reader = prisma): Promise<Positioned[]> {
      const rows = await reader.event.findMany({
        where: { context, shard: SHARD, position: { gt: after } },
        orderBy: { position: 'asc' },
        take: limit,
      });
      return rows.map(toPositioned);
    },

    /** The position of the newest event; START in an empty context. */
    async head(): Promise<Position> {
      const newest = await prisma.event.aggregate({
        where: { context, shard: SHARD },
        _max: { position: true },
      });
      return newest._max.position ?? 0n;
    },

    /** Folds a stream, up to a time if one is given. */
    async load<State, Event extends DomainEvent>(
      aggregate: Aggregate<State, Event>,
      id: string,
      options: { reader?: Reader; until?: string } = {},
    ): Promise<Entity<State>> {
      const range = options.until === undefined ? {} : { until: options.until };
      const events = await readStream<Event>(id, range, options.reader ?? prisma);
      return evolveEntity(aggregate, unborn<State>(id), events);
    },

    /**
     * Appends to any number of streams. It must be the last statement of its transaction. The first new version of each
     * stream says where the stream must be; if it is not, ConcurrencyError. Returns the position of the last event.
     */
    async append(tx: Transaction, events: readonly Recorded[]): Promise<Position> {
      try {
        const rows = await tx.$queryRaw<{ position: string }[]>`
          SELECT eventlog.append(${context}, ${SHARD}, ${JSON.stringify(events)}::jsonb)::text AS position`;
        return BigInt(rows[0]?.position ?? 0);
      } catch (error) {
        if (sqlState(error) === 'FG409')
          throw new ConcurrencyError('The stream has moved on', { cause: error });
        throw error;
      }
    },

    schemaVersion: (type: string) => currentSchemaVersion(upcasters, type),
  };
}

function positioned(row: EventRow, upcasters: Upcasters): Positioned {
  return {
    id: row.id,
    context: row.context,
    streamId: row.streamId,
    version: row.version,
    type: row.type,
    schemaVersion: currentSchemaVersion(upcasters, row.type),
    data: upcast(upcasters, row.type, row.schemaVersion, row.data as object),
    projectId: row.projectId,
    actor: { id: row.actorId, kind: row.actorKind as Positioned['actor']['kind'] },
    onBehalfOf: row.onBehalfOf,
    requestId: row.requestId,
    correlationId: row.correlationId,
    causationId: row.causationId,
    ...(row.trace !== null && { trace: row.trace }),
    occurredAt: row.occurredAt.toISOString(),
    recordedAt: row.recordedAt.toISOString(),
    position: row.position,
  };
}
