import { pause } from '../../platform/pause.js';
import { Surprise } from './surprise.js';

const DEADLINE_MS = 30_000;
const ASK_EVERY_MS = 100;

/**
 * Asks again and again until the answer is as wanted, and answers with it. A Surprise with the last answer once the
 * deadline has passed; the signal's reason once it aborts.
 */
export async function eventually<Answer>(options: {
  /** The end of "I expected that …". */
  expected: string;
  ask: () => Answer | Promise<Answer>;
  isWanted: (answer: Answer) => boolean;
  signal: AbortSignal;
  deadlineMs?: number;
}): Promise<Answer> {
  const { expected, ask, isWanted, signal, deadlineMs = DEADLINE_MS } = options;
  const deadline = performance.now() + deadlineMs;
  for (;;) {
    signal.throwIfAborted();
    const answer = await ask();
    if (isWanted(answer)) return answer;
    if (performance.now() > deadline)
      throw new Surprise(`${expected} within ${deadlineMs / 1000} s`, answer ?? 'nothing');
    await pause(ASK_EVERY_MS, signal);
  }
}
