import type { BillingCalls, CallOrigin } from '../../../contracts/calls.js';
import { costFor } from '../../../contracts/plan.js';
import type { CommandAnswer, CommandRequest } from '../../../platform/command/commands.js';
import { isRefusal } from '../../../platform/errors.js';
import type { Prices } from '../price/price.repository.js';
import type { DeviceOwner } from './devices.js';

export type Reservation = {
  owner: DeviceOwner;
  count: number;
  /** Null where no price is known: then there is nothing to reserve. */
  rate: string | null;
  prices: Prices | null;
};

/**
 * Reserves the first hour's money, runs the command, and gives the money back if the command was refused or turned out to
 * be a repeat. Where it is unknown whether the command happened, the hold is left alone: an owner that never opens an
 * allocation lets it lapse. Nothing is held in a dry run. Refused with BUDGET_EXCEEDED.
 */
export async function withHold<Result extends { id: string }>(
  billing: BillingCalls,
  command: CommandRequest,
  { owner, count, rate, prices }: Reservation,
  run: (holdId: string | null) => Promise<CommandAnswer<Result>>,
): Promise<CommandAnswer<Result>> {
  if (command.dryRun || rate === null || prices === null) return run(null);
  const origin = originOf(command);
  const { id: ownerId, projectId } = owner;
  const amount = costFor(rate, count);
  const release = () => billing.releaseHold({ ownerId, reason: 'NOT_ADMITTED' }, origin);
  const { holdId } = await billing.placeHold(
    { ownerId, projectId, amount, currency: prices.currency },
    origin,
  );
  try {
    const answer = await run(holdId);
    if (answer.result.id !== ownerId) await release();
    return answer;
  } catch (error) {
    if (isRefusal(error)) await release();
    throw error;
  }
}

/** Gives back what is held for an owner. Nothing held is no error. */
export const releaseHold = (
  billing: BillingCalls,
  command: CommandRequest,
  release: { ownerId: string; reason: string },
): Promise<void> => billing.releaseHold(release, originOf(command));

const originOf = ({ principal, onBehalfOf, requestId, correlationId }: CommandRequest): CallOrigin => ({
  actorId: onBehalfOf ?? principal.id,
  requestId,
  correlationId,
});
