import { ulid } from 'ulid';
import type { HoldEvent } from '../../../contracts/billing.events.js';
import type { BillingCalls, CallOrigin } from '../../../contracts/calls.js';
import type { CommandRequest, Commands } from '../../../platform/command/commands.js';
import type { Unit } from '../../../platform/command/unit.js';
import { type Existing, unborn } from '../../../platform/eventStore/aggregate.js';
import { systemPrincipal } from '../../../platform/identity/principal.js';
import { findShortage } from '../budget/budget.limits.js';
import { budgetExceeded } from '../budget/errors.js';
import { CURRENCY, Decimal, toText } from '../money.js';
import { readLineage } from '../project/lineage.repository.js';
import { ratePerHour, type Usage } from '../usage/rating.js';
import { readPrices } from '../usage/usage.repository.js';
import { decideRelease, type HoldState } from './hold.js';
import { holdAggregate } from './hold.projection.js';
import { findLiveHold, readConfirmation } from './hold.repository.js';

/** As long as a hold lives, this timer looks at it: whether it was confirmed, and then at the end of each hour. */
export const HOLD_CHECK = 'holdCheck';

const HOUR_SECONDS = 3_600;
/** So long may an owner take to get what its hold was placed for. */
const CONFIRMED_WITHIN_SECONDS = 60;
const READ_AGAIN_SECONDS = 10;

export type Holds = ReturnType<typeof createHolds>;

export type HoldRequest = Parameters<BillingCalls['placeHold']>[0] & {
  /** The projects whose budgets count, from the root down. */
  lineage: readonly string[];
};

type HoldEntity = Existing<HoldState>;

/** The life of holds: money is reserved before devices are given, and given back when they are. */
export function createHolds(commands: Commands) {
  return {
    /** `isNew` is false where the owner had a hold already, which is the answer then. */
    async place(wish: HoldRequest, origin: CallOrigin): Promise<{ holdId: string; isNew: boolean }> {
      checkWish(wish);
      const { result } = await commands.execute(callRequest('placeHold', origin), (unit) =>
        place(unit, wish),
      );
      return result;
    },

    async release(
      { ownerId, holdId, reason }: { ownerId: string; holdId?: string; reason: string },
      origin: CallOrigin,
    ): Promise<void> {
      await commands.execute(callRequest('releaseHold', origin), async (unit) => {
        const id = await findLiveHold(unit.tx, ownerId);
        if (id && id === (holdId ?? id)) await release(unit, await loadHold(unit, id), reason);
        return null;
      });
    },

    /** Releases the owner's hold if it was placed for allocations that have all ended. */
    async settle(ownerId: string, request: CommandRequest): Promise<void> {
      await commands.execute(request, async (unit) => {
        const id = await findLiveHold(unit.tx, ownerId);
        const hold = id === null ? null : await loadHold(unit, id);
        if (hold && (await hasEnded(unit, hold))) await release(unit, hold, 'ENDED');
        return null;
      });
    },

    /**
     * Looks at a hold that may live. Nothing is given up unless the caller has made sure that all is read which might
     * have confirmed it. The next hour of what the owner has now is held; if that does not fit, nobody is stopped: the
     * refusal is an event, and the next hour tries again.
     */
    async check(id: string, ownersAreRead: boolean): Promise<void> {
      const request = { actorId: null, requestId: `checkHold:${id}`, correlationId: id };
      await commands.execute(callRequest('checkHold', request), async (unit) => {
        const hold = await loadHold(unit, id);
        if (hold.state.live) await check(unit, hold, ownersAreRead);
        return null;
      });
    },
  };
}

function checkWish({ currency, seconds }: HoldRequest): void {
  if (currency !== CURRENCY) throw new Error(`Holds are in ${CURRENCY}, not ${currency}`);
  if (seconds !== undefined && !(Number.isFinite(seconds) && seconds > 0))
    throw new Error(`A hold lasts for more than 0 seconds, not ${seconds}`);
}

/** Two that place a hold for one owner at once: the unique index lets one, and the other finds that one's hold. */
async function place(unit: Unit, wish: HoldRequest): Promise<{ holdId: string; isNew: boolean }> {
  const { ownerId, projectId, lineage, seconds } = wish;
  const live = await findLiveHold(unit.tx, ownerId);
  if (live !== null) {
    const hold = await loadHold(unit, live);
    if (!(await hasEnded(unit, hold))) return { holdId: live, isNew: false };
    await release(unit, hold, 'ENDED');
  }
  const need = new Decimal(wish.amount);
  const shortage = await findShortage(unit, { lineage, need });
  if (shortage) {
    // The money may be missing because it is held for this very owner: somebody was quicker to ask the same.
    const theirs = await findLiveHold(unit.tx, ownerId);
    if (theirs !== null) return { holdId: theirs, isNew: false };
    throw budgetExceeded(shortage);
  }
  const id = `hold_${ulid()}`;
  const until = after(unit, seconds ?? HOUR_SECONDS).toISOString();
  const data = { id, ownerId, projectId, amount: toText(need), currency: CURRENCY, until };
  const placed: HoldEvent = {
    type: 'HoldPlaced',
    data: { ...data, ...(seconds !== undefined && { renews: false }) },
  };
  await unit.save(holdAggregate, unborn(id), [placed], projectId);
  await unit.setTimer(HOLD_CHECK, id, after(unit, CONFIRMED_WITHIN_SECONDS));
  return { holdId: id, isNew: true };
}

async function check(unit: Unit, hold: HoldEntity, ownersAreRead: boolean): Promise<void> {
  const { id, state, createdAt } = hold;
  const { confirmed, open } = await readConfirmation(unit.tx, state.ownerId, createdAt);
  const lookAgain = (at: Date) => unit.setTimer(HOLD_CHECK, id, at);
  if (open.length === 0) {
    if (ownersAreRead) return release(unit, hold, confirmed ? 'ENDED' : 'LAPSED');
    return lookAgain(after(unit, READ_AGAIN_SECONDS));
  }
  const until = new Date(state.until);
  if (unit.now < until) return lookAgain(until);
  if (state.renews) await renew(unit, hold, open);
  await lookAgain(after(unit, HOUR_SECONDS));
}

async function renew(unit: Unit, hold: HoldEntity, open: readonly Usage[]): Promise<void> {
  const { id, state } = hold;
  const need = ratePerHour(open, await readPrices(unit.tx), unit.now.getTime());
  const lineage = await readLineage(unit.tx, state.projectId);
  const shortage = await findShortage(unit, { lineage, need, renewed: id });
  const until = after(unit, HOUR_SECONDS).toISOString();
  const event: HoldEvent = shortage
    ? {
        type: 'HoldRenewalRefused',
        data: { id, need: shortage.need, free: shortage.free, budgetId: shortage.budgetId },
      }
    : { type: 'HoldRenewed', data: { id, amount: toText(need), until } };
  await unit.save(holdAggregate, hold, [event], state.projectId);
}

async function release(unit: Unit, hold: HoldEntity, reason: string): Promise<void> {
  const { id, state } = hold;
  await unit.save(holdAggregate, hold, decideRelease(id, state, reason), state.projectId);
  await unit.clearTimer(HOLD_CHECK, id);
}

async function hasEnded({ tx }: Unit, { state, createdAt }: HoldEntity): Promise<boolean> {
  const { confirmed, open } = await readConfirmation(tx, state.ownerId, createdAt);
  return confirmed && open.length === 0;
}

const after = ({ now }: Unit, seconds: number): Date => new Date(now.getTime() + seconds * 1_000);

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
