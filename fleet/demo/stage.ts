import type { Begun } from './begun.js';
import type { Cast } from './cast.js';
import { eventually } from './eventually.js';
import type { Screen } from './screen.js';

/** What every chapter plays with. */
export interface Stage {
  readonly cast: Cast;
  readonly screen: Screen;
  readonly begun: Begun;
  /** Aborts when the story is to be broken off. */
  readonly signal: AbortSignal;
}

/** Asks until the answer is as wanted, and says meanwhile what is awaited. `expected` ends "I expected that …". */
export function waitUntil<Answer>(
  { screen, signal }: Pick<Stage, 'screen' | 'signal'>,
  expected: string,
  ask: () => Promise<Answer>,
  isWanted: (answer: Answer) => boolean,
): Promise<Answer> {
  screen.awaits(expected);
  return eventually({ expected, ask, isWanted, signal });
}
