import { ulid } from 'ulid';
import { PublicError } from '../../platform/errors.js';
import type { Jars } from '../testkit/jars.js';
import type { randomsOf } from '../testkit/randoms.js';
import { type HistoryEntry, type JarOperation, runOperation } from './jarHistory.js';

const CALLERS = 4;
const JARS = 6;

/**
 * Callers who change jars at random until the signal aborts, and note what they ask for before they ask, and the outcome
 * once they know. As a client does, they ask again with the same key while they do not.
 */
export async function callJars(options: {
  jars: Jars;
  note: (entry: HistoryEntry) => void;
  randoms: ReturnType<typeof randomsOf>;
  signal?: AbortSignal;
}): Promise<void> {
  const { jars, note, signal } = options;
  const { below } = options.randoms;
  const caller = async () => {
    while (!signal?.aborted) {
      const name = below(2) ? 'add' : 'take';
      const operation: JarOperation = {
        key: ulid(),
        jar: `jar_${below(JARS)}`,
        name,
        count: 1 + below(5),
      };
      note({ at: 'asked', ...operation });
      note(await outcomeOf(jars, operation));
    }
  };
  await Promise.all(Array.from({ length: CALLERS }, caller));
}

async function outcomeOf(jars: Jars, operation: JarOperation): Promise<HistoryEntry> {
  const { key } = operation;
  for (;;) {
    try {
      const { eventId, version, result } = await runOperation(jars, operation);
      return { at: 'ok', key, answer: { eventId, version, result } };
    } catch (error) {
      if (!(error instanceof PublicError)) throw error;
      if (error.extensions.code !== 'UNAVAILABLE') return { at: 'refused', key };
    }
  }
}
