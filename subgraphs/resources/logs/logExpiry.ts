import type { LogRepository } from './log.repository.js';

const EXPIRE_EVERY_MS = 600_000;

/** Forgets, in one process at a time, what was stored longer ago than logs are kept. */
export function startLogExpiry(options: {
  store: Pick<LogRepository, 'expire'>;
  keptMs: number;
  isActive: () => boolean;
  onError: (error: unknown) => void;
}): AsyncDisposable {
  const { store, keptMs, isActive, onError } = options;
  let expiring: Promise<void> | null = null;

  function expire(): void {
    if (isActive())
      expiring ??= store
        .expire(new Date(Date.now() - keptMs))
        .catch(onError)
        .finally(() => (expiring = null));
  }

  const ticking = setInterval(expire, EXPIRE_EVERY_MS).unref();
  return {
    async [Symbol.asyncDispose]() {
      clearInterval(ticking);
      await expiring;
    },
  };
}
