import type { Database } from '../database/database.js';
import { PublicError } from '../errors.js';
import { type Position, type Positioned, START } from '../eventStore/event.js';
import { openCheckpoint } from '../lease/fencedCheckpoint.js';
import { inEachTerm, type Lease, type Term } from '../lease/lease.js';
import type { Tail } from '../log/tail.js';
import { pause } from '../pause.js';
import { createProgress, type Progress } from '../projection/progress.js';
import { because } from '../telemetry/because.js';
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
/** How often who waits here for what another process does looks how far that is. */
const LOOK_MS = 20;

/**
 * Of all processes of the context the one that has the lease runs it, from where the one before has come. The others can
 * replay, and wait for what it does.
 */
export async function runProcessManager(options: {
  database: Database;
  /** The context that runs it, and owns its checkpoint and dead letters. */
  context: string;
  manager: ProcessManager;
  lease: Lease;
  tail: Tail;
  /** Reads a parked event again, from the source's history. */
  readEvent: (position: Position) => Promise<Positioned | null>;
  onError: (error: unknown, event?: Positioned) => void;
  /** Before the second attempt at an event; four times as long before each further one, at most 5 s. */
  backOffMs?: number;
}): Promise<RunningProcessManager> {
  const { database, manager, lease, tail, readEvent, onError, backOffMs = BACK_OFF_MS } = options;
  const key = { name: manager.name, context: manager.source };
  const letters = createDeadLetters(database.prisma, options.context, manager);
  const stop = new AbortController();
  const progress = createProgress(await storedPosition());

  async function storedPosition(): Promise<Position> {
    const stored = await database.prisma.checkpoint.findUnique({ where: { name_context: key } });
    return stored?.position ?? START;
  }

  async function lead(term: Term, signal: AbortSignal): Promise<void> {
    const checkpoint = await openCheckpoint(database, key, term);
    await letters.load();
    progress.moveTo(checkpoint.position);
    for await (const events of tail.from(checkpoint.position, signal)) {
      await handleAll(events, term, signal);
      if (progress.position > checkpoint.position) await checkpoint.moveTo(progress.position);
    }
  }

  async function handleAll(events: readonly Positioned[], term: Term, signal: AbortSignal): Promise<void> {
    for (const event of events) {
      if (manager.types.includes(event.type)) {
        if (term.isOver()) return;
        const handle = () => handleOrPark(event, { manager, letters, signal, onError, backOffMs });
        if (!(await because(event, `react ${manager.name}`, handle))) return;
      }
      progress.moveTo(event.position);
    }
  }

  /** Learns from the checkpoint how far another process is, as long as somebody waits here. */
  async function lookAround(signal: AbortSignal): Promise<void> {
    for (; !signal.aborted; await pause(LOOK_MS, signal)) {
      if (lease.term()) continue;
      const position = await storedPosition();
      if (position > progress.position && !lease.term()) progress.moveTo(position);
    }
  }

  const running = inEachTerm({ lease, signal: stop.signal, work: lead, onError });
  return {
    name: manager.name,
    source: manager.source,
    get position() {
      return progress.position;
    },
    async reaches(position, timeoutMs) {
      tail.expect(position);
      const isAnswered = new AbortController();
      lookAround(isAnswered.signal).catch(onError);
      return progress.reaches(position, timeoutMs).finally(() => isAnswered.abort());
    },
    replay: (streamId) => letters.replay(streamId, readEvent, (event) => manager.react(event)),
    async [Symbol.asyncDispose]() {
      stop.abort();
      await running;
    },
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
  if (await letters.parkBehind(event)) return true;
  for (let attempt = 1; ; attempt++) {
    try {
      await manager.react(event);
      return true;
    } catch (error) {
      const verdict = judge(error, attempt);
      if (verdict !== 'again') onError(error, event);
      if (verdict === 'park') {
        await letters.park(event, reasonOf(error), attempt);
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
