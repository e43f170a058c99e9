import { randomBytes } from 'node:crypto';
import { hostname } from 'node:os';
import type { Database } from '../database/database.js';
import { pause } from '../pause.js';
import type { Lease, Term } from './lease.js';
import { createLeaseRow } from './leaseRow.js';

/** Dispose of what it leads before the lease: disposing gives it back, and another leads at once. */
export interface DatabaseLease extends Lease, AsyncDisposable {
  /** Begins to take part. Resolves when it was tried once, so that whoever is alone leads then. */
  start(): Promise<void>;
}

export interface DatabaseLeaseOptions {
  readonly database: Database;
  readonly name: string;
  /** How long the others wait for a leader that went silent. */
  readonly termMs?: number;
  /** Of an outage its first error. */
  readonly onError: (error: unknown) => void;
}

const TERM_MS = 10_000;
/** A leader stops so much before its term ends: clocks do not run equally fast. */
const MARGIN = 0.1;
const RENEWALS_PER_TERM = 3;
/** How often those look who do not lead. */
const LOOK_MS = 500;
const LOOKS_PER_TERM = 10;

/** Other processes are told apart by it, also one that has the same number after a restart. */
const PROCESS_ID = `${hostname()}:${process.pid}:${randomBytes(4).toString('hex')}`;

/**
 * A lease as a row of the database. It is no lock of a session: whoever is paused or cut off loses it after `termMs`.
 * What the leader writes is fenced by the term's epoch (see fencedCheckpoint.ts).
 */
export function createDatabaseLease(options: DatabaseLeaseOptions): DatabaseLease {
  const { database, name, termMs = TERM_MS, onError } = options;
  const holder = `${PROCESS_ID}/${randomBytes(4).toString('hex')}`;
  const row = createLeaseRow(database, { name, holder, processId: PROCESS_ID, termMs });
  const stop = new AbortController();
  const waiting = new Set<(term: Term) => void>();
  let current: OwnTerm | null = null;
  let isFailing = false;
  let running: Promise<void> | null = null;

  const term = () => (current?.isOver() === false ? current : null);

  function begin(epoch: bigint, sentAtMs: number): void {
    current = createTerm(epoch, lastMs(sentAtMs));
    for (const resolve of waiting) resolve(current);
    waiting.clear();
  }

  /** The database counts the term from a later moment: the only one that we know for sure is when we asked. */
  const lastMs = (sentAtMs: number) => sentAtMs + termMs * (1 - MARGIN);

  async function goOn(): Promise<void> {
    const sentAtMs = performance.now();
    const held = term();
    if (held === null) {
      current?.end();
      current = null;
      const epoch = await row.take();
      if (epoch !== null) begin(epoch, sentAtMs);
    } else if (await row.renew(held.epoch)) current?.prolong(lastMs(sentAtMs));
    else current?.end();
  }

  /** One attempt, and how long to wait for the next one. */
  async function tryOnce(): Promise<number> {
    try {
      await goOn();
      isFailing = false;
    } catch (error) {
      if (!isFailing) onError(error);
      isFailing = true;
    }
    return term() && !isFailing ? termMs / RENEWALS_PER_TERM : Math.min(LOOK_MS, termMs / LOOKS_PER_TERM);
  }

  async function run(firstWaitMs: number): Promise<void> {
    for (let waitMs = firstWaitMs; !stop.signal.aborted;) {
      await pause(waitMs, stop.signal);
      if (!stop.signal.aborted) waitMs = await tryOnce();
    }
  }

  return {
    name,
    term,
    next: (signal) =>
      new Promise((resolve) => {
        const held = term();
        if (held || signal.aborted) return resolve(signal.aborted ? null : held);
        const done = (next: Term | null) => {
          waiting.delete(done);
          signal.removeEventListener('abort', abort);
          resolve(next);
        };
        const abort = () => done(null);
        waiting.add(done);
        signal.addEventListener('abort', abort);
      }),
    async start() {
      running = run(await tryOnce());
    },
    async [Symbol.asyncDispose]() {
      stop.abort();
      await running;
      const held = term();
      current?.end();
      // If this fails, the others wait until the term ends.
      if (held) await row.release(held.epoch).catch(onError);
    },
  };
}

type OwnTerm = Term & { prolong(untilMs: number): void; end(): void };

function createTerm(epoch: bigint, endsMs: number): OwnTerm {
  const over = new AbortController();
  let untilMs = endsMs;
  let timer: NodeJS.Timeout;
  const isOver = () => over.signal.aborted || performance.now() >= untilMs;
  const end = () => {
    clearTimeout(timer);
    over.abort();
  };
  const watch = () => {
    clearTimeout(timer);
    timer = setTimeout(end, Math.max(0, untilMs - performance.now())).unref();
  };
  watch();
  return {
    epoch,
    isOver,
    over: over.signal,
    /** A term that has ended stays so, even if the database would have prolonged it. */
    prolong(laterMs) {
      if (isOver()) return end();
      untilMs = laterMs;
      watch();
    },
    end,
  };
}
