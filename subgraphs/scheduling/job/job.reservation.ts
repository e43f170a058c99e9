import type { BillingCalls } from '../../../contracts/calls.js';
import { costFor } from '../../../contracts/plan.js';
import { commandAfter } from '../../../platform/saga/commandAfter.js';
import type { Commands } from '../../../platform/command/commands.js';
import { isRefusal, PublicError } from '../../../platform/errors.js';
import type { EventStore } from '../../../platform/eventStore/eventStore.js';
import { awaits, decideReserve } from './job.decide.js';
import { activeAttempt } from './job.js';
import { jobAggregate } from './job.projection.js';
import { loadJob, saveJob } from './job.save.js';

/**
 * RESERVED: money is held, and resources are being asked for devices. BUDGET: the money is not there; `need` and `free`
 * are decimal text in `currency`. MOVED_ON: the job does not wait for that attempt any more, or not yet; look again.
 */
export type Reservation =
  | { outcome: 'RESERVED' }
  | { outcome: 'BUDGET'; need: string; free: string; currency: string; budgetId: string | null }
  | { outcome: 'MOVED_ON' };

export type Reserve = (
  jobId: string,
  wanted: { attempt: number; gpuModelId: string },
  /** The id of what decided it: the reservation follows from that. */
  cause: string,
) => Promise<Reservation>;

/**
 * Begins a job's attempt: reserves the money for its whole run with billing, outside any transaction, then says so. The
 * money is given back if the job turns out to have moved on. Throws where billing cannot be asked.
 */
export function createReserve(deps: {
  commands: Commands;
  store: EventStore;
  billing: BillingCalls;
  /** What devices cost now, per model and hour. Where no price is known nothing is held. */
  readPrices: () => Promise<{ rates: Readonly<Record<string, string>>; currency: string } | null>;
}): Reserve {
  const { commands, store, billing, readPrices } = deps;

  return async function reserve(jobId, { attempt, gpuModelId }, cause) {
    const after = await commandAfter(store, jobId, { by: 'scheduling-pass', name: 'reserveJob' });
    const { state } = await store.load(jobAggregate, jobId);
    if (!after || state?.phase !== 'QUEUED' || state.attempt !== attempt) return { outcome: 'MOVED_ON' };
    const command = { ...after, causationId: cause };
    const { requestId, correlationId, onBehalfOf, principal } = after;
    const origin = { requestId, correlationId, actorId: onBehalfOf ?? principal.id };
    const release = async (held: string | null) => {
      if (held !== null)
        await billing.releaseHold({ ownerId: jobId, holdId: held, reason: 'NOT_ADMITTED' }, origin);
    };

    const prices = await readPrices();
    const rate = prices?.rates[gpuModelId];
    // What an earlier attempt held has become spending by now, and may be for another model.
    await release(state.attempts.at(-1)?.holdId ?? null);
    let holdId: string | null = null;
    if (prices && rate !== undefined) {
      const { projectId, spec, maxRuntimeSeconds: seconds } = state;
      const amount = costFor(rate, spec.gpu.count, seconds);
      const hold = { ownerId: jobId, projectId, amount, currency: prices.currency, seconds };
      try {
        ({ holdId } = await billing.placeHold(hold, origin));
      } catch (error) {
        return shortageOf(error, hold);
      }
    }

    try {
      const { result } = await commands.execute(command, async (unit) => {
        const job = await loadJob(unit, jobId);
        const isAwaiting = awaits(job.state, attempt, unit.now);
        await saveJob(unit, job, decideReserve(job, { attempt, gpuModelId, holdId }, unit.now));
        return { isAwaiting, holdOfOther: activeAttempt(job.state)?.holdId ?? null };
      });
      if (result.isAwaiting) return { outcome: 'RESERVED' };
      // Whoever reserved it meanwhile was given the same hold, and needs it.
      if (result.holdOfOther !== holdId) await release(holdId);
      return { outcome: 'MOVED_ON' };
    } catch (error) {
      if (isRefusal(error)) await release(holdId);
      throw error;
    }
  };
}

/** What billing refused the money with; anything else is thrown on. */
function shortageOf(error: unknown, { amount, currency }: { amount: string; currency: string }): Reservation {
  if (!(error instanceof PublicError) || error.extensions.code !== 'BUDGET_EXCEEDED') throw error;
  const { free, budgetId } = error.extensions.details;
  return {
    outcome: 'BUDGET',
    need: amount,
    free: typeof free === 'string' ? free : '0',
    currency,
    budgetId: typeof budgetId === 'string' ? budgetId : null,
  };
}
