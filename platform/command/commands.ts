import { setTimeout } from 'node:timers/promises';
import type { Database, Transaction } from '../database/database.js';
import { isConnectionLost, sqlState } from '../database/failures.js';
import { badUserInput, idempotencyKeyReused, unavailable } from '../errors.js';
import type { Origin, Position } from '../eventStore/event.js';
import { ConcurrencyError, type EventStore } from '../eventStore/eventStore.js';
import type { Principal } from '../identity/principal.js';
import { activeTraceparent, outside } from '../telemetry/tracing.js';
import { canonicalHash } from './canonicalJson.js';
import { type Appended, observeCommand } from './observed.js';
import { createUnit, type Unit } from './unit.js';

/** Who asks for what. The key is scoped to the principal and the command's name. */
export type CommandRequest = {
  readonly name: string;
  readonly principal: Principal;
  readonly requestId: string;
  readonly correlationId: string;
  readonly causationId?: string | null;
  /** The trace of what it follows from, where that is not what runs now. */
  readonly trace?: string | undefined;
  readonly onBehalfOf?: string | null;
  /** Without a key (reconcilers, whose commands are harmless to repeat) nothing is remembered. */
  readonly idempotencyKey: string | null;
  /** What the caller sent, without the key: a repeat must send the same. */
  readonly input: unknown;
  /** Decides and answers, stores nothing. */
  readonly dryRun?: boolean;
};

/** `eventId` and `version` are null in a dry run. `position` is what a reader must have read to see the effect. */
export type CommandAnswer<Result> = {
  readonly result: Result;
  readonly eventId: string | null;
  readonly version: number | null;
  readonly position: Position | null;
};

export type Commands = ReturnType<typeof createCommands>;

type StoredAnswer = {
  result: unknown;
  eventId: string | null;
  version: number | null;
  lastEventId: string | null;
};

/** How long a command goes on trying: longer than a database server takes to restart. */
const GIVE_UP_AFTER_MS = 10_000;
const BACK_OFF_MAX_MS = 250;
const KEY_LENGTH_MAX = 255;
/** Serialisation failure, deadlock, and a unique value that somebody else took meanwhile: decide again. */
const RETRIED_STATES = ['40001', '40P01', '23505'];

/**
 * The one way to change anything. In one transaction: the key is taken or its first answer given again, `work` decides
 * and saves, the answer is stored with the key, and the events are appended as the last statement. A lost race runs
 * `work` again on fresh state, so it must have no effect outside the transaction. Refusals and dry runs leave no trace.
 *
 * A connection that is lost during COMMIT leaves it open whether the command happened. With a key it is asked again: the
 * key is there if it happened, and taking it waits for a commit that is still under way. Without one it fails with
 * UNAVAILABLE, and the caller must look.
 */
export function createCommands(database: Database, store: EventStore, onCommitted: () => void = () => {}) {
  return {
    async execute<Result>(
      request: CommandRequest,
      work: (unit: Unit) => Promise<Result>,
    ): Promise<CommandAnswer<Result>> {
      checkKey(request.idempotencyKey);
      const keyed = request.idempotencyKey !== null;
      const answer = await observeCommand(store.context, request, (written) =>
        untilThrough(keyed, () => attempt(database, store, request, work, written)),
      );
      if (answer.position !== null) outside(onCommitted);
      return answer;
    },

    /** The first answer to a key, before any work: for commands that must act outside their own transaction first. */
    async recall<Result>(request: CommandRequest): Promise<CommandAnswer<Result> | null> {
      checkKey(request.idempotencyKey);
      if (request.idempotencyKey === null) return null;
      return untilThrough(true, () => recall<Result>(database.prisma, store.context, request));
    },
  };
}

async function untilThrough<T>(keyed: boolean, run: () => Promise<T>): Promise<T> {
  const deadline = performance.now() + GIVE_UP_AFTER_MS;
  for (let backOffMs = 2; ; backOffMs = Math.min(2 * backOffMs, BACK_OFF_MAX_MS)) {
    try {
      return await run();
    } catch (error) {
      const lostRace = error instanceof ConcurrencyError || RETRIED_STATES.includes(sqlState(error) ?? '');
      const lostConnection = isConnectionLost(error);
      if (!lostRace && !lostConnection) throw error;
      if ((lostConnection && !keyed) || performance.now() > deadline)
        throw Object.assign(unavailable('The database'), { cause: error });
      await setTimeout(backOffMs * Math.random());
    }
  }
}

/** Carries a dry run's answer out of the transaction that it rolls back. */
class DryRun extends Error {
  readonly answer: CommandAnswer<unknown>;
  constructor(answer: CommandAnswer<unknown>) {
    super('dry run');
    this.answer = answer;
  }
}

async function attempt<Result>(
  database: Database,
  store: EventStore,
  request: CommandRequest,
  work: (unit: Unit) => Promise<Result>,
  written: Appended,
): Promise<CommandAnswer<Result>> {
  try {
    return await database.prisma.$transaction(async (tx) => {
      const now = await takeKey(tx, store.context, request);
      if (now === null) {
        const first = await recall<Result>(tx, store.context, request);
        if (!first) throw new ConcurrencyError('The key was taken and given back');
        return first;
      }
      const { unit, saved } = createUnit(store, tx, now, origin(request));
      const result = await work(unit);
      if (request.dryRun) throw new DryRun({ result, eventId: null, version: null, position: null });
      const { eventId = null, version = null } = saved.primary ?? {};
      const lastEventId = saved.events.at(-1)?.id ?? null;
      await storeAnswer(tx, store.context, request, { result, eventId, version, lastEventId });
      const position = saved.events.length > 0 ? await store.append(tx, saved.events) : null;
      written.events = saved.events;
      return { result, eventId, version, position };
    });
  } catch (error) {
    if (error instanceof DryRun) return error.answer as CommandAnswer<Result>;
    throw error;
  }
}

/**
 * Takes the key and reads the clock in one statement; null when the key is taken. A second request with the key waits
 * here until the first has committed or rolled back.
 */
async function takeKey(tx: Transaction, context: string, request: CommandRequest): Promise<Date | null> {
  const { principal, name, idempotencyKey, input } = request;
  const rows =
    idempotencyKey === null
      ? await tx.$queryRaw<{ now: Date }[]>`SELECT date_trunc('milliseconds', clock_timestamp()) AS now`
      : await tx.$queryRaw<{ now: Date }[]>`
          INSERT INTO eventlog.command (context, principal_id, name, key, input_hash)
          VALUES (${context}, ${principal.id}, ${name}, ${idempotencyKey}, ${canonicalHash(input)})
          ON CONFLICT DO NOTHING RETURNING date_trunc('milliseconds', clock_timestamp()) AS now`;
  return rows[0]?.now ?? null;
}

async function storeAnswer(tx: Transaction, context: string, request: CommandRequest, answer: StoredAnswer) {
  const { principal, name, idempotencyKey: key } = request;
  if (key === null) return;
  await tx.$executeRaw`
    UPDATE eventlog.command SET result = ${JSON.stringify(answer)}::jsonb
    WHERE context = ${context} AND principal_id = ${principal.id} AND name = ${name} AND key = ${key}`;
}

async function recall<Result>(
  reader: Pick<Transaction, 'command' | 'event'>,
  context: string,
  request: CommandRequest,
): Promise<CommandAnswer<Result> | null> {
  const { principal, name, idempotencyKey, input } = request;
  const key = idempotencyKey ?? '';
  const row = await reader.command.findUnique({
    where: { context_principalId_name_key: { context, principalId: principal.id, name, key } },
  });
  if (!row) return null;
  if (row.inputHash !== canonicalHash(input)) throw idempotencyKeyReused(key);
  const { result, eventId, version, lastEventId } = row.result as unknown as StoredAnswer;
  const last = lastEventId === null ? null : await reader.event.findUnique({ where: { id: lastEventId } });
  return { result: result as Result, eventId, version, position: last?.position ?? null };
}

function checkKey(key: string | null): void {
  if (key !== null && (key.length < 1 || key.length > KEY_LENGTH_MAX))
    throw badUserInput([
      { path: ['input', 'idempotencyKey'], message: `must have 1 to ${KEY_LENGTH_MAX} characters` },
    ]);
}

function origin(request: CommandRequest): Origin {
  const { principal, onBehalfOf = null, requestId, correlationId, causationId = null } = request;
  const trace = activeTraceparent();
  return {
    actor: { id: principal.id, kind: principal.kind },
    onBehalfOf,
    requestId,
    correlationId,
    causationId,
    ...(trace !== undefined && { trace }),
  };
}
