import { Decimal, fromNanos, sum, toNanos } from '../money.js';

/** One allocation of a device. Times are milliseconds since 1970 by the database's clock; `to` is null while it is open. */
export type Usage = {
  readonly allocationId: string;
  readonly ownerId: string;
  readonly ownerKind: string;
  readonly projectId: string;
  readonly gpuModelId: string;
  /** Of the device: 10,000 is the whole. */
  readonly basisPoints: number;
  readonly from: number;
  readonly to: number | null;
};

/** What of an allocation decides what it costs. */
export type Metered = Pick<Usage, 'gpuModelId' | 'basisPoints' | 'from' | 'to'>;

/** The price books that were activated, by the time from which each counts. A book counts until the next one does. */
export type PriceTimeline = readonly PricePeriod[];

export type PricePeriod = {
  readonly priceBookVersion: string;
  readonly from: number;
  /** Price per GPU-hour by GPU model, as decimal text. */
  readonly perHour: ReadonlyMap<string, string>;
};

export type Window = { readonly from: number; readonly to: number };

/** What one allocation costs under one price book within a window. */
export type Charge = {
  readonly usage: Usage;
  readonly priceBookVersion: string;
  readonly milliseconds: number;
  readonly amount: Decimal;
};

/** A charge that has not been made money yet: budgets count tens of thousands of them at once. */
type Segment = { readonly period: PricePeriod; readonly milliseconds: number; readonly nanos: bigint };

const MS_PER_HOUR = 3_600_000;
const WHOLE_DEVICE = 10_000;
const DIVISOR = BigInt(MS_PER_HOUR * WHOLE_DEVICE);

/**
 * The charges of an allocation within a window, one per price book version; `window.to` must not be after now. Each is
 * milliseconds × rate ÷ 3,600,000, half-even to nine decimals, counted from where the allocation came under the book, so
 * that the charges of adjacent windows add up to the charge of both. Without a price, or before the first book, use is
 * free.
 */
export const chargesOf = (usage: Usage, prices: PriceTimeline, window: Window): Charge[] =>
  segmentsOf(usage, prices, window).map(({ period, milliseconds, nanos }) => ({
    usage,
    priceBookVersion: period.priceBookVersion,
    milliseconds,
    amount: fromNanos(nanos),
  }));

/** What allocations cost within a window: the exact sum of their charges. */
export function costOf(usages: Iterable<Metered>, prices: PriceTimeline, window: Window): Decimal {
  let total = 0n;
  for (const usage of usages) for (const { nanos } of segmentsOf(usage, prices, window)) total += nanos;
  return fromNanos(total);
}

function segmentsOf(usage: Metered, prices: PriceTimeline, window: Window): Segment[] {
  return prices.flatMap((period, index) => {
    const segmentStart = Math.max(usage.from, period.from);
    const segmentEnd = Math.min(usage.to ?? Infinity, prices[index + 1]?.from ?? Infinity);
    const start = Math.max(segmentStart, window.from);
    const end = Math.min(segmentEnd, window.to);
    if (end <= start) return [];
    const perHour = toNanos(period.perHour.get(usage.gpuModelId) ?? '0') * BigInt(usage.basisPoints);
    const upTo = (moment: number) => nanosFor(moment - segmentStart, perHour);
    return [{ period, milliseconds: end - start, nanos: upTo(end) - upTo(start) }];
  });
}

/** What allocations that are open at a moment cost per hour from then on. */
export function ratePerHour(usages: Iterable<Metered>, prices: PriceTimeline, at: number): Decimal {
  const period = priceAt(prices, at);
  const open = [...usages].filter(({ from, to }) => from <= at && (to === null || to > at));
  return sum(period ? open.map((usage) => rateOf(usage, period)) : []);
}

/** The prices that count at a moment; undefined before the first book. */
export const priceAt = (prices: PriceTimeline, at: number): PricePeriod | undefined =>
  prices.findLast(({ from }) => from <= at);

/** Device time, in seconds of whole devices. */
export const gpuSeconds = (charges: Iterable<Charge>): Decimal =>
  sum([...charges].map(({ usage, milliseconds }) => share(usage).times(milliseconds).div(1_000)));

const share = ({ basisPoints }: Metered): Decimal => new Decimal(basisPoints).div(WHOLE_DEVICE);

const rateOf = (usage: Metered, { perHour }: PricePeriod): Decimal =>
  share(usage).times(perHour.get(usage.gpuModelId) ?? 0);

/** Billionths for some milliseconds at a price in billionths of a ten-thousandth; half-even. */
function nanosFor(milliseconds: number, perHour: bigint): bigint {
  if (milliseconds === 0) return 0n;
  const dividend = BigInt(milliseconds) * perHour;
  const quotient = dividend / DIVISOR;
  const twice = 2n * (dividend - quotient * DIVISOR);
  return twice > DIVISOR || (twice === DIVISOR && quotient % 2n === 1n) ? quotient + 1n : quotient;
}
