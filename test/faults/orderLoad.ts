import { setTimeout } from 'node:timers/promises';
import pg from 'pg';
import { v7 as uuidv7 } from 'uuid';
import { createEventStore, type EventStore } from '../../platform/eventStore/eventStore.js';
import { announced } from '../testkit/announced.js';
import { randomsOf } from '../testkit/randoms.js';
import type { databaseOn } from '../testkit/testDatabase.js';

type Randoms = ReturnType<typeof randomsOf>;
type OrderDatabase = Awaited<ReturnType<typeof databaseOn>>;

const CONTEXT = 'order';
const WRITERS = 32;
const READERS = 4;
const EVENTS_PER_APPEND_MAX = 100;
const KILL_EVERY_MS = 60;
const POLL_MS = 2;

export interface OrderOutcome {
  readonly seed: number;
  /** Events in the table at the end, in position order. */
  readonly stored: readonly string[];
  /** What each reader that polled by position has seen, in the order in which it saw it. */
  readonly seen: readonly (readonly string[])[];
  /** Events whose commit was acknowledged. */
  readonly acknowledged: ReadonlySet<string>;
  readonly rolledBack: number;
  readonly killed: number;
  /** Appends that collided with another one's positions. */
  readonly collisions: number;
}

/**
 * Thirty-two writers append to one context until so many events are acknowledged, with random delays before and after the
 * append, savepoints, rollbacks and killed backends, while readers poll by position.
 */
export async function runOrderLoad(database: OrderDatabase, events: number): Promise<OrderOutcome> {
  const randoms = randomsOf();
  const store = createEventStore(database.prisma, CONTEXT);
  const tally = { acknowledged: new Set<string>(), rolledBack: 0, killed: 0, collisions: 0 };
  const enough = () => tally.acknowledged.size >= events;
  const backends = new Set<number>();
  const done = new AbortController();
  const seen = Array.from({ length: READERS }, (): string[] => []);
  const readers = seen.map((ids) => poll(store, ids, done.signal));
  const killing = killAtRandom(database, { randoms, backends, tally, signal: done.signal });
  await Promise.all(
    Array.from({ length: WRITERS }, (_, n) =>
      write(database.url, `stream_${n}`, { randoms, backends, tally, enough }),
    ),
  );
  done.abort();
  await Promise.all([...readers, killing]);
  const rows = await database.prisma.$queryRaw<{ id: string }[]>`
    SELECT id::text FROM eventlog.event WHERE context = ${CONTEXT} ORDER BY position`;
  return { seed: randoms.seed, stored: rows.map(({ id }) => id), seen, ...tally };
}

type Tally = { acknowledged: Set<string>; rolledBack: number; killed: number; collisions: number };
type Writing = { randoms: Randoms; backends: Set<number>; tally: Tally; enough: () => boolean };

/** Appends to a stream of its own, on a connection that it opens again whenever it is killed. */
async function write(url: string, streamId: string, writing: Writing): Promise<void> {
  while (!writing.enough()) {
    const client = new pg.Client({ connectionString: url, options: '-c role=fleetgraph_runtime' });
    client.on('error', () => {}); // the statement under way reports it too
    try {
      await client.connect();
      const { processID } = client as unknown as { processID: number };
      writing.backends.add(processID);
      while (!writing.enough()) await appendOnce(client, streamId, writing);
      writing.backends.delete(processID);
    } catch (error) {
      if (!isKill(error)) throw error;
    } finally {
      await client.end().catch(() => {});
    }
  }
}

async function appendOnce(client: pg.Client, streamId: string, { randoms, tally }: Writing): Promise<void> {
  const { below } = randoms;
  const sleep = () => client.query(`SELECT pg_sleep(${below(4) / 1_000})`);
  await client.query('BEGIN');
  if (below(4) === 0) await sleep();
  if (below(4) === 0) await abandonSavepoint(client);
  const events = await nextEvents(client, streamId, 1 + below(EVENTS_PER_APPEND_MAX));
  try {
    await client.query('SELECT eventlog.append($1, 0, $2::jsonb)', [CONTEXT, JSON.stringify(events)]);
  } catch (error) {
    if ((error as { code?: string }).code !== '23505') throw error;
    tally.collisions++;
    return void (await client.query('ROLLBACK'));
  }
  if (below(8) === 0) await sleep();
  if (below(6) === 0) {
    tally.rolledBack++;
    return void (await client.query('ROLLBACK'));
  }
  await client.query('COMMIT');
  for (const { id } of events) tally.acknowledged.add(id);
}

/** A savepoint with an append of its own that is given up, so that a sub-transaction's places are too. */
async function abandonSavepoint(client: pg.Client): Promise<void> {
  await client.query('SAVEPOINT before_nothing');
  await client
    .query('SELECT eventlog.append($1, 0, $2::jsonb)', [
      CONTEXT,
      JSON.stringify([
        { ...announced(CONTEXT, 1n), id: uuidv7(), streamId: uuidv7(), version: 1, position: 0 },
      ]),
    ])
    .catch((error: unknown) => {
      if ((error as { code?: string }).code !== '23505') throw error;
    });
  await client.query('ROLLBACK TO before_nothing');
}

async function nextEvents(client: pg.Client, streamId: string, count: number) {
  const { rows } = await client.query<{ version: number }>(
    'SELECT version FROM eventlog.stream WHERE context = $1 AND stream_id = $2',
    [CONTEXT, streamId],
  );
  const version = rows[0]?.version ?? 0;
  return Array.from({ length: count }, (_, n) => {
    const { position: _position, ...event } = announced(CONTEXT, 1n);
    return { ...event, id: uuidv7(), streamId, version: version + n + 1 };
  });
}

/** Follows the context as every reader does: whatever lies behind the last position that it has seen. */
async function poll(store: EventStore, ids: string[], done: AbortSignal): Promise<void> {
  let position = 0n;
  for (;;) {
    const last = done.aborted;
    const events = await store.readContext(position, 500);
    for (const event of events) ids.push(event.id);
    position = events.at(-1)?.position ?? position;
    if (events.length > 0) continue;
    if (last) return;
    await setTimeout(POLL_MS);
  }
}

async function killAtRandom(
  database: OrderDatabase,
  options: { randoms: Randoms; backends: Set<number>; tally: Tally; signal: AbortSignal },
): Promise<void> {
  const { randoms, backends, tally, signal } = options;
  const owner = new pg.Client({ connectionString: database.url });
  await owner.connect();
  while (!signal.aborted) {
    const victim = [...backends][randoms.below(backends.size)];
    if (victim !== undefined) {
      backends.delete(victim);
      await owner.query('SELECT pg_terminate_backend($1)', [victim]);
      tally.killed++;
    }
    await owner.query(`SELECT pg_sleep(${(2 * KILL_EVERY_MS * randoms.next()) / 1_000})`);
  }
  await owner.end();
}

function isKill(error: unknown): boolean {
  const { code, message } = error as { code?: string; message: string };
  return (
    code === '57P01' ||
    code === 'ECONNRESET' ||
    code === 'EPIPE' ||
    /Connection terminated|not queryable/.test(message)
  );
}
