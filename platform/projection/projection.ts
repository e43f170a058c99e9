import { SpanKind } from '@opentelemetry/api';
import type { Database, Transaction } from '../database/database.js';
import { type Position, type Positioned, START } from '../eventStore/event.js';
import type { History } from '../log/history.js';
import type { Tail } from '../log/tail.js';
import { pause } from '../pause.js';
import { becauseOfAll } from '../telemetry/because.js';
import { createProgress, type Progress } from './progress.js';

/**
 * A read model that one context keeps of another's events. `apply` is called with each event once, in order; its rows
 * and the checkpoint commit together. `clear` empties it for a rebuild.
 */
export interface Projection {
  readonly name: string;
  /** The context whose events it reads. */
  readonly source: string;
  apply(tx: Transaction, event: Positioned): Promise<void>;
  clear(tx: Transaction): Promise<void>;
}

export interface RunningProjection extends AsyncDisposable, Progress {
  readonly name: string;
  readonly source: string;
}

const RETRY_MS = 500;
const REBUILD_BATCH = 500;

/**
 * Runs a projection from its checkpoint on. An error stops nothing: it is reported and the same event tried again. Several
 * processes may run it: whoever moves the checkpoint first applies the events, and the others go on behind them.
 */
export async function runProjection(options: {
  database: Database;
  projection: Projection;
  tail: Tail;
  onError: (error: unknown) => void;
}): Promise<RunningProjection> {
  const { database, projection, tail, onError } = options;
  const where = { name_context: { name: projection.name, context: projection.source } };
  const stop = new AbortController();
  const stored = await database.prisma.checkpoint.findUnique({ where });
  const progress = createProgress(stored?.position ?? START);

  async function applyBatch(events: readonly Positioned[]): Promise<void> {
    const ahead = () => events.filter(({ position }) => position > progress.position);
    for (let fresh = ahead(); fresh.length > 0; fresh = ahead()) {
      const from = progress.position;
      const applied = await becauseOfAll(fresh, `apply ${projection.name}`, SpanKind.CONSUMER, () =>
        applyAll(database, projection, from, fresh),
      );
      progress.moveTo(applied ?? (await readCheckpoint(database, projection)) ?? START);
      if (progress.position < from) throw new Error(`Projection ${projection.name} was moved back`);
    }
  }

  async function run(): Promise<void> {
    while (!stop.signal.aborted) {
      try {
        for await (const events of tail.from(progress.position, stop.signal)) await applyBatch(events);
      } catch (error) {
        onError(error);
      }
      await pause(RETRY_MS, stop.signal);
    }
  }

  const running = run();
  return {
    name: projection.name,
    source: projection.source,
    get position() {
      return progress.position;
    },
    reaches(position, timeoutMs) {
      tail.expect(position);
      return progress.reaches(position, timeoutMs);
    },
    async [Symbol.asyncDispose]() {
      stop.abort();
      await running;
    },
  };
}

/**
 * Empties the projection and applies the whole history again, batch by batch, so that its memory stays flat. Cut short,
 * it leaves a projection that is merely behind: the next run goes on from there. Run it while no runner does.
 */
export async function rebuildProjection(options: {
  database: Database;
  projection: Projection;
  history: Pick<History, 'readContext'>;
}): Promise<Position> {
  const { database, projection, history } = options;
  const stored = await readCheckpoint(database, projection);
  await database.prisma.$transaction(async (tx) => {
    await projection.clear(tx);
    if (!(await moveCheckpoint(tx, projection, stored ?? START, START))) throw runBySomebodyElse(projection);
  });
  for (let position = START; ;) {
    const events = await history.readContext(position, REBUILD_BATCH);
    if (events.length === 0) return position;
    const applied = await applyAll(database, projection, position, events);
    if (applied === null) throw runBySomebodyElse(projection);
    position = applied;
  }
}

const runBySomebodyElse = ({ name }: Projection) => new Error(`Projection ${name} is run by somebody else`);

/**
 * The rows and the checkpoint commit together. `from` is where the checkpoint must be. Returns where it is then, or null
 * when somebody else has moved it: its row is taken first, so that who comes second waits for the first, and does nothing.
 */
async function applyAll(
  { prisma }: Database,
  projection: Projection,
  from: Position,
  events: readonly Positioned[],
): Promise<Position | null> {
  const last = events.at(-1)?.position ?? from;
  return prisma.$transaction(async (tx) => {
    if (!(await moveCheckpoint(tx, projection, from, last))) return null;
    for (const event of events) await projection.apply(tx, event);
    return last;
  });
}

async function readCheckpoint(database: Database, { name, source }: Projection): Promise<Position | null> {
  const where = { name_context: { name, context: source } };
  return (await database.prisma.checkpoint.findUnique({ where }))?.position ?? null;
}

/** False when somebody else has moved it meanwhile, so that two runners never apply an event twice. */
async function moveCheckpoint(
  tx: Transaction,
  { name, source: context }: Projection,
  from: Position,
  to: Position,
): Promise<boolean> {
  const where = { name, context, position: from };
  if ((await tx.checkpoint.updateMany({ where, data: { position: to } })).count > 0) return true;
  const data = [{ name, context, position: to }];
  return from === START && (await tx.checkpoint.createMany({ data, skipDuplicates: true })).count > 0;
}
