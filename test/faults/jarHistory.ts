import { existsSync, readFileSync } from 'node:fs';
import type { Database } from '../../platform/database/database.js';
import { type Jar, jarAggregate, JAR_TABLES, type Jars } from '../testkit/jars.js';
import { asPgliteOwner } from '../testkit/testDatabase.js';

export const CONTEXT = 'jars';

export type JarOperation = { key: string; jar: string; name: 'add' | 'take'; count: number };
type Answer = { eventId: string | null; version: number | null; result: Jar };

/** A line of the append-only history. What was asked and has no outcome may or may not have happened. */
export type HistoryEntry =
  | ({ at: 'asked' } & JarOperation)
  | { at: 'ok'; key: string; answer: Answer }
  | { at: 'refused'; key: string };

export type History = {
  readonly asked: ReadonlyMap<string, JarOperation>;
  readonly ok: ReadonlyMap<string, Answer>;
  readonly refused: ReadonlySet<string>;
};

/** The last line may be cut off: the process was killed while it wrote it. */
export function readHistory(file: string): History {
  const lines = existsSync(file) ? readFileSync(file, 'utf8').split('\n').slice(0, -1) : [];
  return toHistory(lines.map((line) => JSON.parse(line) as HistoryEntry));
}

export function toHistory(entries: readonly HistoryEntry[]): History {
  const asked = new Map<string, JarOperation>();
  const ok = new Map<string, Answer>();
  const refused = new Set<string>();
  for (const entry of entries) {
    if (entry.at === 'asked') asked.set(entry.key, entry);
    else if (entry.at === 'ok') ok.set(entry.key, entry.answer);
    else refused.add(entry.key);
  }
  return { asked, ok, refused };
}

/** The request id of its events is the key, so that an event shows which operation stored it. */
export const runOperation = (jars: Jars, { key, jar, name, count }: JarOperation) =>
  name === 'add'
    ? jars.add(jar, count, { idempotencyKey: key, requestId: key })
    : jars.take(jar, count, { idempotencyKey: key, requestId: key });

export async function ensureJarTables(database: Database): Promise<void> {
  const [found] = await database.prisma.$queryRaw<{ there: boolean }[]>`
    SELECT to_regclass('toy.jar') IS NOT NULL AS there`;
  if (!found?.there) await asPgliteOwner(database, JAR_TABLES);
}

/** Everything that contradicts the history; empty when the store holds exactly what it must (RELIABILITY's oracle 1–4, 6). */
export async function contradictions(database: Database, jars: Jars, history: History): Promise<string[]> {
  const faults: string[] = [];
  const events = await allEvents(jars);
  const times = new Map<string, number>();
  for (const { requestId } of events) times.set(requestId, (times.get(requestId) ?? 0) + 1);

  for (const [key, { eventId }] of history.ok) {
    if (times.get(key) !== 1)
      faults.push(`${key} was acknowledged and is stored ${times.get(key) ?? 0} times`);
    if (!events.some(({ id }) => id === eventId)) faults.push(`${key} names ${eventId}, which is not stored`);
  }
  for (const key of times.keys()) {
    if (history.refused.has(key)) faults.push(`${key} was refused and is stored`);
    if (!history.asked.has(key)) faults.push(`${key} is stored and nobody asked for it`);
  }
  events.forEach(({ position }, index) => {
    if (position !== BigInt(index + 1)) faults.push(`position ${position} is the ${index + 1}. in order`);
  });
  for (const jar of new Set(events.map(({ streamId }) => streamId)))
    faults.push(...(await jarFaults(database, jars, jar)));
  return faults;
}

/** What the keys of the newest operations answer now: as before where it is known, and only once where it was not. */
export async function keyFaults(jars: Jars, history: History, newest: number): Promise<string[]> {
  const faults: string[] = [];
  for (const operation of [...history.asked.values()].slice(-newest)) {
    const before = history.ok.get(operation.key);
    if (history.refused.has(operation.key)) continue;
    const again = async () => {
      const { eventId, version, result } = await runOperation(jars, operation);
      return JSON.stringify({ eventId, version, result });
    };
    const first = before ? JSON.stringify(before) : await again().catch(() => null);
    if (first !== null && (await again()) !== first) faults.push(`${operation.key} answers otherwise now`);
  }
  return faults;
}

async function jarFaults(database: Database, jars: Jars, jar: string): Promise<string[]> {
  const faults: string[] = [];
  const versions = (await jars.store.readStream(jar)).map(({ version }) => version);
  if (versions.some((version, index) => version !== index + 1))
    faults.push(`${jar} has versions ${versions.join()}`);
  const { state, version } = await jars.store.load(jarAggregate, jar);
  const [row] = await database.prisma.$queryRaw<{ version: number; pebbles: number }[]>`
    SELECT version, pebbles FROM toy.jar WHERE id = ${jar}`;
  if (row?.version !== version || row.pebbles !== state?.pebbles)
    faults.push(
      `${jar} is at ${version} with ${state?.pebbles}, its read model at ${row?.version} with ${row?.pebbles}`,
    );
  return faults;
}

async function allEvents({ store }: Jars) {
  const events: Awaited<ReturnType<typeof store.readContext>> = [];
  for (;;) {
    const page = await store.readContext(events.at(-1)?.position ?? 0n, 1_000);
    if (page.length === 0) return events;
    events.push(...page);
  }
}
