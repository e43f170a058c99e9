import type { HoldEvent } from '../../../contracts/billing.events.js';
import { Decimal, ZERO } from '../money.js';

/** Money that is reserved for what an owner will use from `since` until `until`. */
export type HoldState = {
  ownerId: string;
  projectId: string;
  amount: string;
  currency: string;
  since: string;
  until: string;
  /** Each hour, for the next one; else the amount is for a whole run. */
  renews: boolean;
  live: boolean;
  /** Set while the newest renewal was refused. */
  refused: { need: string; free: string } | null;
  releaseReason: string | null;
};

/** What is still held: what the owner has used since the hold began is spending, and no longer held. */
export const remaining = (hold: HoldState, usedSince: Decimal): Decimal =>
  hold.live ? Decimal.max(ZERO, new Decimal(hold.amount).minus(usedSince)) : ZERO;

export const decideRelease = (id: string, hold: HoldState, reason: string): HoldEvent[] =>
  hold.live ? [{ type: 'HoldReleased', data: { id, reason } }] : [];

/** `at` is when the event happened: the hold counts from then. */
export function evolveHold(state: HoldState | null, event: HoldEvent, at: string): HoldState {
  if (event.type === 'HoldPlaced') {
    const { ownerId, projectId, amount, currency, until, renews = true } = event.data;
    return {
      ownerId,
      projectId,
      amount,
      currency,
      until,
      renews,
      since: at,
      live: true,
      refused: null,
      releaseReason: null,
    };
  }
  if (!state) throw new Error(`${event.type} of a hold that was never placed`);
  switch (event.type) {
    case 'HoldRenewed': {
      const { amount, until } = event.data;
      return { ...state, amount, until, since: at, refused: null };
    }
    case 'HoldRenewalRefused': {
      const { need, free } = event.data;
      return { ...state, refused: { need, free } };
    }
    case 'HoldReleased':
      return { ...state, live: false, releaseReason: event.data.reason };
  }
}
