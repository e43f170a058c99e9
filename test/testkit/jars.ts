import { ulid } from 'ulid';
import {
  type CommandAnswer,
  type CommandRequest,
  type Commands,
  createCommands,
} from '../../platform/command/commands.js';
import type { Unit } from '../../platform/command/unit.js';
import type { Database } from '../../platform/database/database.js';
import { PublicError } from '../../platform/errors.js';
import type { Aggregate, Entity } from '../../platform/eventStore/aggregate.js';
import { createEventStore, type EventStore } from '../../platform/eventStore/eventStore.js';
import type { Principal } from '../../platform/identity/principal.js';
import { testDatabase, type TestDatabase } from './testDatabase.js';

/** Jars of pebbles: a domain just big enough to try what every context stands on. */
export type JarEvent =
  | { type: 'JarMade'; data: { label: string } }
  | { type: 'PebblesAdded'; data: { count: number } }
  | { type: 'PebblesTaken'; data: { count: number } };

export type Jar = { label: string; pebbles: number };

export const jarAggregate: Aggregate<Jar, JarEvent> = {
  kind: 'Jar',
  types: ['JarMade', 'PebblesAdded', 'PebblesTaken'],
  evolve(jar, event) {
    switch (event.type) {
      case 'JarMade':
        return { label: event.data.label, pebbles: 0 };
      case 'PebblesAdded':
        return { label: jar?.label ?? '', pebbles: (jar?.pebbles ?? 0) + event.data.count };
      case 'PebblesTaken':
        return { label: jar?.label ?? '', pebbles: (jar?.pebbles ?? 0) - event.data.count };
    }
  },
  async project(tx, { id, version, state, updatedAt }) {
    await tx.$executeRaw`
      INSERT INTO toy.jar (id, version, pebbles, state, updated_at)
      VALUES (${id}, ${version}, ${state.pebbles}, ${JSON.stringify(state)}::jsonb, ${updatedAt}::timestamptz)
      ON CONFLICT (id) DO UPDATE SET version = excluded.version, pebbles = excluded.pebbles, state = excluded.state,
        updated_at = excluded.updated_at`;
  },
};

/** The script of its tables, which only the owner may run. */
export const JAR_TABLES = `
  CREATE SCHEMA toy;
  CREATE TABLE toy.jar (id text PRIMARY KEY, version int NOT NULL, pebbles int NOT NULL, state jsonb NOT NULL, updated_at timestamptz(3) NOT NULL);
  CREATE TABLE toy.tally (id text PRIMARY KEY, events int NOT NULL, pebbles int NOT NULL);
  GRANT USAGE ON SCHEMA toy TO fleetgraph_runtime;
  GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA toy TO fleetgraph_runtime`;

/** A database with the jars' read model `toy.jar`, and `toy.tally` for a projection. */
export async function jarDatabase(options: { poolMax?: number } = {}): Promise<TestDatabase> {
  const database = await testDatabase(options);
  await database.asOwner(JAR_TABLES);
  return database;
}

export const user = (id = 'user_1'): Principal => ({
  id,
  kind: 'USER',
  displayName: id,
  everywhere: [],
  projects: {},
});

export interface Jars {
  readonly context: string;
  readonly store: EventStore;
  readonly commands: Commands;
  make(id: string, request?: Partial<CommandRequest>): Promise<CommandAnswer<Jar>>;
  add(id: string, count: number, request?: Partial<CommandRequest>): Promise<CommandAnswer<Jar>>;
  /** Refused with TOO_FEW when the jar does not hold as many. */
  take(id: string, count: number, request?: Partial<CommandRequest>): Promise<CommandAnswer<Jar>>;
}

/** The jars of a context of their own, so that tests can share a database; or of a named one, to come back to it. */
export function createJars(
  database: Database,
  options: { onCommitted?: () => void; context?: string } = {},
): Jars {
  const { context = `toy_${ulid()}` } = options;
  const store = createEventStore(database.prisma, context);
  const commands = createCommands(database, store, options.onCommitted);

  const change =
    (id: string, decide: (jar: Entity<Jar>) => JarEvent[]) =>
    async (unit: Unit): Promise<Jar> => {
      const jar = await unit.load(jarAggregate, id);
      return (await unit.save(jarAggregate, jar, decide(jar), null)).state;
    };

  return {
    context,
    store,
    commands,
    make: (id, request) =>
      commands.execute(
        commandOf('make', { id }, request),
        change(id, () => [{ type: 'JarMade', data: { label: `jar ${id}` } }]),
      ),
    add: (id, count, request) =>
      commands.execute(
        commandOf('add', { id, count }, request),
        change(id, () => [{ type: 'PebblesAdded', data: { count } }]),
      ),
    take: (id, count, request) =>
      commands.execute(
        commandOf('take', { id, count }, request),
        change(id, (jar) => decideTake(jar, count)),
      ),
  };
}

export const commandOf = (
  name: string,
  input: unknown,
  request: Partial<CommandRequest> = {},
): CommandRequest => ({
  name,
  input,
  principal: user(),
  requestId: 'request_1',
  correlationId: 'correlation_1',
  idempotencyKey: ulid(),
  ...request,
});

function decideTake({ state }: Entity<Jar>, count: number): JarEvent[] {
  if ((state?.pebbles ?? 0) < count)
    throw new PublicError('TOO_FEW', `There are ${state?.pebbles ?? 0} pebbles`, 'Take fewer.');
  return [{ type: 'PebblesTaken', data: { count } }];
}
