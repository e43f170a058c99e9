import type { Database } from '../database/database.js';
import type { EventStore } from '../eventStore/eventStore.js';
import type { Lease } from '../lease/lease.js';
import { RELAY } from '../log/relay.js';
import { createReading } from '../telemetry/metrics.js';
import type { Tails } from './tails.js';

/** Who reads events: a projection or a process manager, by its name and the context that it reads. */
export interface Reader {
  readonly name: string;
  readonly source: string;
  readonly kind: 'projection' | 'process_manager';
}

const storePosition = createReading(
  'fleetgraph_event_store_position',
  'The position of the newest event of a context.',
  ['context'],
);
const relayPosition = createReading(
  'fleetgraph_relay_position',
  'Up to where the events of a context were published to the shared log.',
  ['context'],
);
const relayLag = createReading(
  'fleetgraph_relay_lag_events',
  'Events of a context that are stored and not published to the shared log.',
  ['context'],
);
const readerPosition = createReading(
  'fleetgraph_reader_position',
  "Up to where a projection or a process manager has read a context's events.",
  ['context', 'reader', 'kind', 'source'],
);
const readerLag = createReading(
  'fleetgraph_reader_lag_events',
  'Events that this process knows of and a projection or a process manager has not read.',
  ['context', 'reader', 'kind', 'source'],
);
const leaseHeld = createReading(
  'fleetgraph_lease_held',
  'Whether this process does what only one replica of a context may do.',
  ['context', 'part'],
);
const deadLetters = createReading(
  'fleetgraph_dead_letters',
  'Events that a process manager could not handle, or that wait behind such a one.',
  ['context', 'reader', 'source'],
);

/**
 * Tells how far a context is: what is stored, published, read and parked, as the database has it when somebody asks.
 * Returns what ends it.
 */
export function measureContext(of: {
  database: Database;
  store: EventStore;
  tails: Tails;
  /** By the parts that they stand for. */
  leases: Readonly<Record<string, Lease>>;
  /** Whether the context is published to a log that others share. */
  isPublished: boolean;
  readers: () => readonly Reader[];
}): () => void {
  const { store, tails, leases, isPublished, readers } = of;
  const { context } = store;
  const { prisma } = of.database;

  async function published() {
    const where = { name_context: { name: RELAY, context } };
    return Number((await prisma.checkpoint.findUnique({ where }))?.position ?? 0n);
  }

  async function readPositions() {
    const known = readers();
    const where = { name: { in: known.map(({ name }) => name) } };
    const rows = await prisma.checkpoint.findMany({ where });
    return known.map((reader) => {
      const row = rows.find(({ name, context: source }) => name === reader.name && source === reader.source);
      return { ...reader, position: Number(row?.position ?? 0n) };
    });
  }

  const labelsOf = ({ name: reader, kind, source }: Reader) => ({ context, reader, kind, source });
  const stops = [
    storePosition.from(async () => [[{ context }, Number(await store.head())]]),
    leaseHeld.from(() =>
      Object.entries(leases).map(([part, lease]) => [{ context, part }, lease.term() ? 1 : 0]),
    ),
    readerPosition.from(async () =>
      (await readPositions()).map((reader) => [labelsOf(reader), reader.position]),
    ),
    readerLag.from(async () =>
      Promise.all(
        (await readPositions()).map(async (reader) => {
          const head = Number((await tails(reader.source)).head());
          return [labelsOf(reader), Math.max(0, head - reader.position)] as const;
        }),
      ),
    ),
    deadLetters.from(async () => {
      const counts = await prisma.deadLetter.groupBy({
        by: ['consumer', 'source'],
        where: { context },
        _count: true,
      });
      return counts.map(({ consumer: reader, source, _count }) => [{ context, reader, source }, _count]);
    }),
  ];
  if (isPublished)
    stops.push(
      relayPosition.from(async () => [[{ context }, await published()]]),
      relayLag.from(async () => {
        const [head, position] = [Number(await store.head()), await published()];
        return [[{ context }, Math.max(0, head - position)]];
      }),
    );
  return () => {
    for (const stop of stops) stop();
  };
}
