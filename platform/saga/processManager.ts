import type { Database } from '../database/database.js';
import { PublicError } from '../errors.js';
import { type Position, type Positioned, START } from '../eventStore/event.js';
import type { Tail } from '../log/tail.js';
import { pause } from '../pause.js';
import { createProgress, type Progress } from '../projection/progress.js';
import { createDeadLetters, type DeadLetters, reasonOf } from './deadLetters.js';

/**
 * Events in, commands out. `react` is called at least once for every event of the named types, in order; its commands
 * take their keys from the event (see reactionTo), so that a repeat has no effect. What `react` throws is tried again
 * and then parked: only that event's stream waits, until somebody replays it. A retryable PublicError is no poison but
 * an outage of what the manager needs: it waits for that, and parks nothing.
 */
export interface ProcessManager {
  readonly name: string;
  /** The context whose events it reads. */
  readonly source: string;
  readonly types: readonly string[];
  react(event: Positioned): Promise<void>;
}

export interface RunningProcessManager extends AsyncDisposable, Progress {
  readonly name: string;
  readonly source: string;
  /**
   * Handles the parked events of a stream again, in order; stops at the first that fails again. Returns how many went
   * through.
   */
  replay(streamId: string): Promise<number>;
}

const ATTEMPTS_MAX = 4;
const BACK_OFF_MS = 100;
const BACK_OFF_MAX_MS = 5_000;
const RETRY_MS = 500;

export async function runProcessManager(options: {
  database: Database;
  /** The context that runs it, and owns its checkpoint and dead letters. */
  context: string;
  manager: ProcessManager;
  tail: Tail;
  /** Reads a parked event again, from the source's history. */
  readEvent: (position: Position) => Promise<Positioned | null>;
  onError: (error: unknown, event?: Positioned) => void;
  /** Before the second attempt at an event; four times as long before each further one, at most 5 s. */
  backOffMs?: number;
}): Promise<RunningProcessManager> {
  const { database, manager, tail, readEvent, onError, backOffMs = BACK_OFF_MS } = options;
  const key = { name: manager.name, context: manager.source };
  const letters = await createDeadLetters(database.prisma, options.context, manager);
  const stored = await database.prisma.checkpoint.findUnique({ where: { name_context: key } });
  const stop = new AbortController();
  const inTurn = createTurns();
  const progress = createProgress(stored?.position ?? START);

  async function handleBatch(events: readonly Positioned[]): Promise<void> {
    for (const event of events) {
      if (manager.types.includes(event.type)) {
        const done = await inTurn(() =>
          handleOrPark(event, { manager, letters, signal: stop.signal, onError, backOffMs }),
        );
        if (!done) break;
      }
      progress.moveTo(event.position);
    }
    const { position } = progress;
    await database.prisma.checkpoint.upsert({
      where: { name_context: key },
      create: { ...key, position },
      update: { position },
    });
  }

  async function run(): Promise<void> {
    while (!stop.signal.aborted) {
      try {
        for await (const events of tail.from(progress.position, stop.signal)) await handleBatch(events);
      } catch (error) {
        onError(error);
      }
      await pause(RETRY_MS, stop.signal);
    }
  }

  const running = run();
  return {
    name: manager.name,
    source: manager.source,
    get position() {
      return progress.position;
    },
    reaches: progress.reaches,
    replay: (streamId) => inTurn(() => letters.replay(streamId, readEvent, (event) => manager.react(event))),
    async [Symbol.asyncDispose]() {
      stop.abort();
      await running;
    },
  };
}

/** Runs one piece of work at a time, in the order of asking: a replay never overtakes or meets a live event. */
function createTurns() {
  let last: Promise<unknown> = Promise.resolve();
  return <T>(work: () => Promise<T>): Promise<T> => {
    const mine = last.then(work);
    last = mine.catch(() => {});
    return mine;
  };
}

/** False when it was stopped before the event was either handled or parked. */
async function handleOrPark(
  event: Positioned,
  options: {
    manager: ProcessManager;
    letters: DeadLetters;
    signal: AbortSignal;
    onError: (error: unknown, event: Positioned) => void;
    backOffMs: number;
  },
): Promise<boolean> {
  const { manager, letters, signal, onError, backOffMs } = options;
  if (signal.aborted) return false;
  if (letters.blocks(event.streamId)) {
    await letters.park(event, 'BEHIND', 'An earlier event of its stream is parked.', 0);
    return true;
  }
  for (let attempt = 1; ; attempt++) {
    try {
      await manager.react(event);
      return true;
    } catch (error) {
      const verdict = judge(error, attempt);
      if (verdict !== 'again') onError(error, event);
      if (verdict === 'park') {
        await letters.park(event, 'FAILED', reasonOf(error), attempt);
        return true;
      }
      await pause(Math.min(backOffMs * 4 ** (attempt - 1), BACK_OFF_MAX_MS), signal);
      if (signal.aborted) return false;
    }
  }
}

/** A refusal is final; an outage is waited for, and reported; anything else gets a few attempts. */
function judge(error: unknown, attempt: number): 'park' | 'wait' | 'again' {
  if (error instanceof PublicError) return error.extensions.retryable ? 'wait' : 'park';
  return attempt < ATTEMPTS_MAX ? 'again' : 'park';
}
