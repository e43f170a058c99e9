import { createCommands, type Commands } from '../command/commands.js';
import type { Database } from '../database/database.js';
import type { Position, Positioned } from '../eventStore/event.js';
import { createEventStore, type EventStore } from '../eventStore/eventStore.js';
import type { Upcasters } from '../eventStore/upcast.js';
import { createDatabaseLease } from '../lease/databaseLease.js';
import type { Lease } from '../lease/lease.js';
import { type EventLog, LogAway } from '../log/log.js';
import { createLedRelay, createRelay, type Relay } from '../log/relay.js';
import type { Progress } from '../projection/progress.js';
import { type Projection, runProjection, type RunningProjection } from '../projection/projection.js';
import {
  type ProcessManager,
  runProcessManager,
  type RunningProcessManager,
} from '../saga/processManager.js';
import { createDeadLetterDesk, type DeadLetterDesk } from '../saga/deadLetterDesk.js';
import { type DueTimer, runTimers, type TimerHandler } from '../saga/timers.js';
import { measureContext } from './contextMetrics.js';
import { badRequest } from './requestErrors.js';
import type { Tails } from './tails.js';
import type { Log } from '../telemetry/log.js';

/**
 * What every context stands on: its event store and commands, the relay that announces what it stores, and the readers
 * of other contexts' events. Readers start with `start` and stop when it is disposed, before the database is closed. Any
 * number of processes may run a context at once (docs/processes.md says what each of them does).
 */
export interface Spine extends AsyncDisposable {
  readonly context: string;
  readonly database: Database;
  readonly store: EventStore;
  /** The same events, as far as such a reader sees them. */
  storeFor(reader: Database['prisma']): EventStore;
  readonly commands: Commands;
  readonly tails: Tails;
  readonly log: Log;
  /** Whoever has it runs the context's process managers and timers, and whatever else only one process may do. */
  readonly lease: Lease;
  start(readers: Readers): Promise<void>;
  /**
   * Waits until the projections of the named contexts have read up to the positions, at most 2 s; then it goes on with
   * what they know. Resolves whether they got there.
   */
  catchUp(positions: Readonly<Record<string, string>>): Promise<boolean>;
  /** The same for what a process manager does because of the named contexts' events. */
  reacted(processManager: string, positions: Readonly<Record<string, string>>): Promise<boolean>;
  /** The events that this context's process managers could not handle. */
  readonly deadLetters: DeadLetterDesk;
}

export interface Readers {
  readonly projections?: readonly Projection[];
  readonly processManagers?: readonly ProcessManager[];
  readonly timers?: Readonly<Record<string, TimerHandler>>;
}

const CATCH_UP_MS = 2_000;

export async function createSpine(options: {
  context: string;
  database: Database;
  eventLog: EventLog;
  tails: Tails;
  log: Log;
  upcasters?: Upcasters;
}): Promise<Spine> {
  const { context, database, eventLog, tails, upcasters } = options;
  const log = options.log.child({ context });
  const store = createEventStore(database.prisma, context, upcasters);
  const leaseOf = (part: string) =>
    createDatabaseLease({
      database,
      name: `${context}.${part}`,
      onError: (error) => log.error({ error, part }, 'lease cannot be asked for, will try again'),
    });
  const lease = leaseOf('work');
  const relayLease = leaseOf('relay');
  const relay = await startRelay();
  const running: AsyncDisposable[] = [];
  const projections: RunningProjection[] = [];
  const processManagers: RunningProcessManager[] = [];
  const stopMeasuring = measureContext({
    database,
    store,
    tails,
    isPublished: eventLog.isShared,
    leases: eventLog.isShared ? { work: lease, relay: relayLease } : { work: lease },
    readers: () => [
      ...projections.map(({ name, source }) => ({ name, source, kind: 'projection' as const })),
      ...processManagers.map(({ name, source }) => ({ name, source, kind: 'process_manager' as const })),
    ],
  });

  async function startRelay(): Promise<Relay> {
    const onError = (error: unknown) =>
      error instanceof LogAway
        ? log.debug({ error }, 'nothing can be published, will try again')
        : log.error({ error }, 'relay failed, will try again');
    const options = { history: store, log: eventLog, onError };
    if (!eventLog.isShared) return createRelay({ ...options, after: await store.head() });
    await relayLease.start();
    return createLedRelay({ ...options, database, lease: relayLease });
  }

  async function startProcessManager(manager: ProcessManager): Promise<void> {
    const tail = await tails(manager.source);
    const readEvent = async (position: Position) =>
      (await tails.history(manager.source).readContext(position - 1n, 1))[0] ?? null;
    const onError = (error: unknown, event?: Positioned) =>
      log.error({ error, manager: manager.name, eventId: event?.id }, 'process manager failed');
    processManagers.push(
      await runProcessManager({ database, context, manager, lease, tail, readEvent, onError }),
    );
  }

  return {
    context,
    database,
    store,
    storeFor: (reader) => createEventStore(reader, context, upcasters),
    tails,
    log,
    lease,
    deadLetters: createDeadLetterDesk(database.prisma, context, processManagers),
    commands: createCommands(database, store, () => relay.hint()),

    async start({ projections: wanted = [], processManagers: managers = [], timers }) {
      await lease.start();
      for (const projection of wanted) {
        const onError = (error: unknown) =>
          log.error({ error, projection: projection.name }, 'projection failed');
        const tail = await tails(projection.source);
        projections.push(await runProjection({ database, projection, tail, onError }));
      }
      for (const manager of managers) await startProcessManager(manager);
      if (timers) {
        const onError = (error: unknown, timer?: DueTimer) => log.error({ error, timer }, 'timer failed');
        running.push(runTimers({ database, context, lease, handlers: timers, onError }));
      }
    },

    catchUp: (positions) => reach(projections, positions),

    reacted: (name, positions) =>
      reach(
        processManagers.filter((manager) => manager.name === name),
        positions,
      ),

    async [Symbol.asyncDispose]() {
      stopMeasuring();
      const stopping = [...running, ...processManagers, ...projections, relay];
      await Promise.all(stopping.map((part) => part[Symbol.asyncDispose]()));
      // Only now: what follows is done by another process.
      await Promise.all([lease, relayLease].map((each) => each[Symbol.asyncDispose]()));
    },
  };
}

/** Waits until all readers of the named contexts have come that far; false if one of them takes too long. */
async function reach(
  readers: readonly (Progress & { readonly source: string })[],
  positions: Readonly<Record<string, string>>,
): Promise<boolean> {
  const waits = readers
    .filter(({ source }) => positions[source] !== undefined)
    .map((reader) => reader.reaches(readPosition(positions[reader.source]), CATCH_UP_MS));
  return (await Promise.all(waits)).every(Boolean);
}

/** Positions come back from callers, who may have changed them. */
function readPosition(text = ''): Position {
  if (!/^\d{1,18}$/.test(text))
    throw badRequest('A position cannot be read', 'Send back what an answer carried.');
  return BigInt(text);
}
