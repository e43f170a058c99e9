import { ulid } from 'ulid';
import type { HoldEvent } from '../../../contracts/billing.events.js';
import type { BillingCalls, CallOrigin } from '../../../contracts/calls.js';
import type { CommandRequest, Commands } from '../../../platform/command/commands.js';
import type { Unit } from '../../../platform/command/unit.js';
import type { Transaction } from '../../../platform/database/database.js';
import { unavailable } from '../../../platform/errors.js';
import type { Existing } from '../../../platform/eventStore/aggregate.js';
import { systemPrincipal } from '../../../platform/identity/principal.js';
import { budgetExceeded } from '../budget/errors.js';
import { findShortage } from '../budget/budget.limits.js';
import { CURRENCY, Decimal, toText } from '../money.js';
import { ratePerHour } from '../usage/rating.js';
import { readPrices } from '../usage/usage.repository.js';
import { decideRelease, type HoldState } from './hold.js';
import { holdAggregate } from './hold.projection.js';
import { findLiveHold, lockOwner, readConfirmation } from './hold.repository.js';

export const HOLD_RENEWAL = 'holdRenewal';
export const HOLD_LAPSE = 'holdLapse';

const RENEWED_EVERY_MS = 3_600_000;
/** So long may an owner take to get what its hold was placed for. */
export const CONFIRMED_WITHIN_MS = 60_000;

export type Holds = ReturnType<typeof createHolds>;

type HoldEntity = Existing<HoldState>;

/** The life of holds: money is reserved before devices are given, and given back when they are. */
export function createHolds(commands: Commands) {
  return {
    async place(
      input: Parameters<BillingCalls['placeHold']>[0],
      origin: CallOrigin,
    ): Promise<{ holdId: string }> {
      if (input.currency !== CURRENCY) throw new Error(`Holds are in ${CURRENCY}, not ${input.currency}`);
      const { result } = await commands.execute(callRequest('placeHold', origin), (unit) =>
        place(unit, input),
      );
      return result;
    },

    async release(
      { ownerId, reason }: { ownerId: string; reason: string },
      origin: CallOrigin,
    ): Promise<void> {
      await commands.execute(callRequest('releaseHold', origin), async (unit) => {
        await lockOwner(unit.tx, ownerId);
        const id = await findLiveHold(unit.tx, ownerId);
        if (id) await release(unit, await loadHold(unit, id), reason);
        return null;
      });
    },

    /** Releases the owner's hold if it was placed for allocations that have all ended. */
    async settle(ownerId: string, request: CommandRequest): Promise<void> {
      await commands.execute(request, async (unit) => {
        await lockOwner(unit.tx, ownerId);
        const id = await findLiveHold(unit.tx, ownerId);
        if (!id) return null;
        const hold = await loadHold(unit, id);
        const { confirmed, open } = await readConfirmation(unit.tx, ownerId, hold.createdAt);
        if (confirmed && open.length === 0) await release(unit, hold, 'ENDED');
        return null;
      });
    },

    /**
     * Holds the next hour of what the owner has now. If that does not fit, nobody is stopped: the refusal is an event,
     * and the next hour tries again.
     */
    renew: (id: string): Promise<void> => changeLiveHold(commands, 'renewHold', id, renew),

    /** Gives up a hold that nobody confirmed. The caller has made sure that a confirmation would have been read. */
    lapse: (id: string): Promise<void> =>
      changeLiveHold(commands, 'lapseHold', id, async (unit, hold) => {
        const { confirmed } = await readConfirmation(unit.tx, hold.state.ownerId, hold.createdAt);
        if (!confirmed) await release(unit, hold, 'LAPSED');
      }),
  };
}

async function place(
  unit: Unit,
  { ownerId, projectId, amount }: { ownerId: string; projectId: string; amount: string },
): Promise<{ holdId: string }> {
  await lockOwner(unit.tx, ownerId);
  const live = await findLiveHold(unit.tx, ownerId);
  if (live) return { holdId: live };
  const need = new Decimal(amount);
  const shortage = await findShortage(unit, { lineage: await readLineage(unit.tx, projectId), need });
  if (shortage) throw budgetExceeded(shortage);
  const holdId = `hold_${ulid()}`;
  const until = new Date(unit.now.getTime() + RENEWED_EVERY_MS);
  const hold = { id: holdId, ownerId, projectId, amount: toText(need), currency: CURRENCY };
  const placed: HoldEvent = { type: 'HoldPlaced', data: { ...hold, until: until.toISOString() } };
  await unit.save(holdAggregate, await unit.load(holdAggregate, holdId), [placed], projectId);
  await unit.setTimer(HOLD_RENEWAL, holdId, until);
  await unit.setTimer(HOLD_LAPSE, holdId, new Date(unit.now.getTime() + CONFIRMED_WITHIN_MS));
  return { holdId };
}

async function renew(unit: Unit, hold: HoldEntity): Promise<void> {
  const { id, state, createdAt } = hold;
  const { confirmed, open } = await readConfirmation(unit.tx, state.ownerId, createdAt);
  const until = new Date(unit.now.getTime() + RENEWED_EVERY_MS);
  if (!confirmed) return unit.setTimer(HOLD_RENEWAL, id, until);
  if (open.length === 0) return release(unit, hold, 'ENDED');
  const need = ratePerHour(open, await readPrices(unit.tx), unit.now.getTime());
  const lineage = await readLineage(unit.tx, state.projectId);
  const shortage = await findShortage(unit, { lineage, need, exceptHold: id });
  const event: HoldEvent = shortage
    ? { type: 'HoldRenewalRefused', data: { id, need: shortage.need, free: shortage.free } }
    : { type: 'HoldRenewed', data: { id, amount: toText(need), until: until.toISOString() } };
  await unit.save(holdAggregate, hold, [event], state.projectId);
  await unit.setTimer(HOLD_RENEWAL, id, until);
}

async function release(unit: Unit, hold: HoldEntity, reason: string): Promise<void> {
  const { id, state } = hold;
  await unit.save(holdAggregate, hold, decideRelease(id, state, reason), state.projectId);
  await unit.clearTimer(HOLD_RENEWAL, id);
  await unit.clearTimer(HOLD_LAPSE, id);
}

async function changeLiveHold(
  commands: Commands,
  name: string,
  id: string,
  change: (unit: Unit, hold: HoldEntity) => Promise<void>,
): Promise<void> {
  const request = callRequest(name, { actorId: null, requestId: `${name}:${id}`, correlationId: id });
  await commands.execute(request, async (unit) => {
    const hold = await loadHold(unit, id);
    await lockOwner(unit.tx, hold.state.ownerId);
    if (hold.state.live) await change(unit, hold);
    return null;
  });
}

/** No key: a call that is repeated finds what the first one did by the owner. */
function callRequest(
  name: string,
  { actorId, requestId, correlationId }: Omit<CallOrigin, 'actorId'> & { actorId: string | null },
): CommandRequest {
  const principal = systemPrincipal('billing-holds');
  return {
    name,
    principal,
    requestId,
    correlationId,
    onBehalfOf: actorId,
    idempotencyKey: null,
    input: null,
  };
}

async function loadHold(unit: Unit, id: string): Promise<HoldEntity> {
  const { state, ...entity } = await unit.load(holdAggregate, id);
  if (!state) throw new Error(`Hold ${id} has a row and no stream`);
  return { ...entity, state };
}

/** The projects whose budgets count, from the root down. */
export async function readLineage(
  reader: Pick<Transaction, 'billingProject'>,
  projectId: string,
): Promise<readonly string[]> {
  const project = await reader.billingProject.findUnique({ where: { id: projectId } });
  if (!project) throw unavailable(`The budget of project ${projectId}`);
  return project.lineage;
}
