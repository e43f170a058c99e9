import { pause } from '../pause.js';

/**
 * What one process of several may do, for a while. The database's clock says how long a term lasts; each process ends its
 * own term earlier, by a clock that nobody sets.
 */
export interface Lease {
  readonly name: string;
  /** The term that this process is in; null while another may lead. */
  term(): Term | null;
  /** Resolves with the term that this process is in, or else with its next one; with null when the signal aborts. */
  next(signal: AbortSignal): Promise<Term | null>;
}

/** One holding of a lease, from taking it to its end. */
export interface Term {
  /** Greater than that of every earlier term: whatever is written by an earlier leader can be told by it, and refused. */
  readonly epoch: bigint;
  /**
   * Whether another may lead by now. A process cannot know that it was paused until it looks: ask before everything that
   * must not be done by two, and let what is stored compare the epoch.
   */
  isOver(): boolean;
  /** Aborts when the term ends. Late in a process that is busy or paused. */
  readonly over: AbortSignal;
}

/** What was to be written belongs to a term that is over. */
export class TermOver extends Error {
  override readonly name = 'TermOver';
}

const AGAIN_MS = 500;

/**
 * Runs `work` in every term of a lease, until the signal aborts. `work` returns when the signal that it gets aborts; one
 * that fails is reported, and run again if the term still lasts.
 */
export async function inEachTerm(options: {
  lease: Lease;
  signal: AbortSignal;
  work: (term: Term, signal: AbortSignal) => Promise<void>;
  onError: (error: unknown) => void;
}): Promise<void> {
  const { lease, signal, work, onError } = options;
  for (let term = await lease.next(signal); term; term = await lease.next(signal)) {
    try {
      await work(term, AbortSignal.any([signal, term.over]));
    } catch (error) {
      if (!(error instanceof TermOver)) onError(error);
      await pause(AGAIN_MS, signal);
    }
  }
}
