import { idempotencyKeyReused } from '../errors.js';
import { canonicalHash } from './canonicalJson.js';
import type { CommandRequest } from './commands.js';

export type SingleFlight = ReturnType<typeof createSingleFlight>;

/**
 * Identical requests of one process that are under way at once share one run and one answer. For commands that act
 * outside their own transaction first: without it, a hundred repeats would each place a hold before all but one found the
 * key taken. Requests without a key, and dry runs, fly alone.
 */
export function createSingleFlight() {
  const flights = new Map<string, { hash: string; answer: Promise<unknown> }>();

  return async function fly<Answer>(request: CommandRequest, run: () => Promise<Answer>): Promise<Answer> {
    const { principal, name, idempotencyKey, input, dryRun } = request;
    if (idempotencyKey === null || dryRun) return run();
    const route = JSON.stringify([principal.id, name, idempotencyKey]);
    const hash = canonicalHash(input);
    const current = flights.get(route);
    if (current) {
      if (current.hash !== hash) throw idempotencyKeyReused(idempotencyKey);
      return current.answer as Promise<Answer>;
    }
    const answer = run().finally(() => flights.delete(route));
    flights.set(route, { hash, answer });
    return answer;
  };
}
