import type { AllocationEvent } from '../../../contracts/resources.events.js';
import { type Decimal, ZERO } from '../money.js';
import { costOf, type PriceTimeline, ratePerHour, type Usage } from '../usage/rating.js';

/** What a scope had cost at a moment, and cost per hour then. */
export type Metered = { readonly at: number; readonly accrued: Decimal; readonly ratePerHour: Decimal };

/**
 * What a scope costs, computed from what is known of it and from the events that follow: as exact as a query at the same
 * moment. What has ended is added up once; only what is open is counted anew.
 */
export function createCostMeter(known: { usages: readonly Usage[]; prices: PriceTimeline }) {
  const { prices } = known;
  const open = new Map<string, Usage>();
  let ended = ZERO;
  /** No moment is measured before what is known to have happened. */
  let happened = 0;

  function end(usage: Usage, to: number): void {
    ended = ended.plus(costOf([{ ...usage, to }], prices, { from: -Infinity, to }));
    happened = Math.max(happened, to);
  }

  function begin(usage: Usage): void {
    open.set(usage.allocationId, usage);
    happened = Math.max(happened, usage.from);
  }

  for (const usage of known.usages)
    if (usage.to === null) begin(usage);
    else end(usage, usage.to);

  return {
    /** Takes an allocation's event of the scope; answers whether that changed anything. */
    take({ type, data }: AllocationEvent): boolean {
      if (type === 'AllocationClosed') {
        const usage = open.get(data.id);
        if (!usage) return false;
        open.delete(data.id);
        end(usage, Date.parse(data.to));
        return true;
      }
      const { id: allocationId, owner, projectId, gpuModelId, basisPoints, from } = data;
      const device = { projectId, gpuModelId, basisPoints, ownerId: owner.id, ownerKind: owner.kind };
      begin({ allocationId, ...device, from: Date.parse(from), to: null });
      return true;
    },

    measure(now: number): Metered {
      const at = Math.max(now, happened);
      const usages = [...open.values()];
      return {
        at,
        accrued: ended.plus(costOf(usages, prices, { from: -Infinity, to: at })),
        ratePerHour: ratePerHour(usages, prices, at),
      };
    },

    /** When what is open is priced anew next; null if nothing is open, or no later prices are known. */
    nextPriceAfter(at: number): number | null {
      if (open.size === 0) return null;
      return prices.find(({ from }) => from > at)?.from ?? null;
    },
  };
}

export type CostMeter = ReturnType<typeof createCostMeter>;
