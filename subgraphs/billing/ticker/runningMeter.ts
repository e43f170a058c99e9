import type { AllocationEvent } from '../../../contracts/resources.events.js';
import type { Positioned } from '../../../platform/eventStore/event.js';
import type { Tail } from '../../../platform/log/tail.js';
import { pause } from '../../../platform/pause.js';
import type { PriceTimeline } from '../usage/rating.js';
import { type CostMeter, createCostMeter, type Metered } from './costMeter.js';
import type { MeteredUsage } from './costMeter.repository.js';
import { createNewest } from './newest.js';

export type MeterSources = {
  /** What there is to know of the scope now. */
  read: () => Promise<MeteredUsage & { prices: PriceTimeline }>;
  isInScope: (opened: Opened) => Promise<boolean>;
  resources: () => Promise<Tail>;
  billing: () => Promise<Tail>;
  onError: (error: unknown) => void;
};

type Opened = Extract<AllocationEvent, { type: 'AllocationOpened' }>['data'];

const TICK_MS = 1_000;
const RETRY_MS = 500;
/** The longest time that a timer can wait. */
const WAIT_MAX_MS = 2 ** 31 - 1;

/**
 * The cost of one scope, kept up to date for however many readers: read once, and again when prices change; then computed
 * from the allocations' events. One timer, and only while something costs or is about to.
 */
export function runMeter({ read, isInScope, resources, billing, onError }: MeterSources) {
  const stop = new AbortController();
  const newest = createNewest<Metered>();
  let measure: (() => Metered) | null = null;
  let timer: NodeJS.Timeout | undefined;

  /** Reads what there is, and goes on from there. Resolves true when the prices have changed, so that all is read again. */
  async function follow(): Promise<boolean> {
    const [prices, allocations] = await Promise.all([billing(), resources()]);
    const pricedAt = await prices.fetchHead();
    const known = await read();
    const readAt = performance.now();
    const meter = createCostMeter(known);
    measure = () => meter.measure(known.now + Math.floor(performance.now() - readAt));
    publish(meter);
    const end = new AbortController();
    const signal = AbortSignal.any([stop.signal, end.signal]);
    const either = [
      untilRepriced(prices.from(pricedAt, signal)),
      takeAll(meter, allocations.from(known.position, signal)),
    ];
    const [repriced = false] = await Promise.all(either.map((part) => part.finally(() => end.abort())));
    clearTimeout(timer);
    return repriced;
  }

  async function takeAll(meter: CostMeter, batches: AsyncIterable<readonly Positioned[]>): Promise<boolean> {
    for await (const events of batches) {
      const changes: boolean[] = [];
      for (const event of events as readonly Positioned<AllocationEvent>[])
        if (await concerns(event)) changes.push(meter.take(event));
      if (changes.includes(true)) publish(meter);
    }
    return false;
  }

  /** An ending names no owner: the meter knows which are its own. */
  const concerns = async ({ type, data }: AllocationEvent): Promise<boolean> =>
    type === 'AllocationClosed' || (type === 'AllocationOpened' && isInScope(data));

  /** Tells how it stands, and again when a second has passed that cost something, or when the next prices count. */
  function publish(meter: CostMeter): void {
    if (!measure) return;
    const metered = measure();
    newest.set(metered);
    const { at, ratePerHour } = metered;
    const tick = ratePerHour.isZero() ? Infinity : at + TICK_MS;
    const next = Math.min(tick, meter.nextPriceAfter(at) ?? Infinity);
    clearTimeout(timer);
    if (next < Infinity && !stop.signal.aborted)
      timer = setTimeout(() => publish(meter), Math.min(next - at, WAIT_MAX_MS)).unref();
  }

  async function run(): Promise<void> {
    while (!stop.signal.aborted) {
      const again = await follow().catch((error: unknown) => onError(error));
      if (!again) await pause(RETRY_MS, stop.signal);
    }
  }

  const running = run();
  return {
    /** First as it stands, then at every change and tick. Ends when the signal aborts. */
    async *readings(signal: AbortSignal): AsyncGenerator<Metered> {
      const changes = newest.changes(signal);
      if (measure) yield measure();
      yield* changes;
    },
    async [Symbol.asyncDispose](): Promise<void> {
      stop.abort();
      clearTimeout(timer);
      await running;
    },
  };
}

export type RunningMeter = ReturnType<typeof runMeter>;

async function untilRepriced(batches: AsyncIterable<readonly Positioned[]>): Promise<boolean> {
  for await (const events of batches)
    if (events.some(({ type }) => type === 'PriceBookActivated')) return true;
  return false;
}
