import type { Database } from '../../platform/database/database.js';
import { createInProcessLog } from '../../platform/log/inProcessLog.js';
import { createRelay } from '../../platform/log/relay.js';
import { createTail, type Tail } from '../../platform/log/tail.js';
import { createJars, type Jars } from './jars.js';

export interface HeardJars extends AsyncDisposable {
  readonly jars: Jars;
  readonly tail: Tail;
  /** What relay and tail have reported, and what is passed to `onError`. */
  readonly errors: unknown[];
  onError(error: unknown): void;
}

/** Jars whose events are announced, and a tail that hears them. */
export async function hearJars(database: Database, options: { ringMax?: number } = {}): Promise<HeardJars> {
  const errors: unknown[] = [];
  const onError = (error: unknown) => void errors.push(error);
  const log = createInProcessLog({ pollMs: 20 });
  const jars = createJars(database, { onCommitted: () => relay.hint() });
  const relay = createRelay({ history: jars.store, log, after: 0n, onError });
  const tail = await createTail({ history: jars.store, log, onError, ...options });
  return {
    jars,
    tail,
    errors,
    onError,
    async [Symbol.asyncDispose]() {
      await relay[Symbol.asyncDispose]();
      await tail[Symbol.asyncDispose]();
    },
  };
}
