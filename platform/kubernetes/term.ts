import type { Leader } from './leader.port.js';

/** One term of a leader, in which some work began. */
export type Term = {
  /** Grows with every term of whoever leads. */
  readonly token: number;
  /** Whether somebody else may lead by now, or did since: what was decided in this term counts no more. */
  isOver(): boolean;
};

/** Null while this process does not lead. */
export function currentTerm({ token }: Pick<Leader, 'token'>): Term | null {
  const now = token();
  return now === null ? null : { token: now, isOver: () => token() !== now };
}
