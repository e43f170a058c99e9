import fc from 'fast-check';
import { expect, test } from 'vitest';
import { groupBy } from '../groupBy.js';
import { sum, toText } from '../money.js';
import {
  type Charge,
  chargesOf,
  costOf,
  gpuSeconds,
  type PriceTimeline,
  ratePerHour,
  type Usage,
} from './rating.js';

const MODELS = ['h100', 'a100', 'l40s'];
const DAY = 86_400_000;
const START = Date.UTC(2026, 10, 1);
const END = START + 30 * DAY;
const NANO = 1_000_000_000n;

const time = fc.integer({ min: START, max: END });
/** Prices in billionths, half of them whole cents. */
const price = fc.oneof(
  fc.bigInt({ min: 0n, max: 2_000n }).map((cents) => cents * 10_000_000n),
  fc.bigInt({ min: 0n, max: 20n * NANO }),
);
const usage = fc
  .record({
    from: time,
    length: fc.option(fc.integer({ min: 0, max: 5 * DAY })),
    gpuModelId: fc.constantFrom(...MODELS),
    ownerId: fc.constantFrom('instance_1', 'instance_2', 'job_1'),
    basisPoints: fc.constantFrom(10_000, 10_000, 2_500, 1_429),
    allocationId: fc.uuid(),
  })
  .map(({ from, length, ...rest }): Usage => {
    const to = length === null ? null : from + length;
    return { ...rest, from, to, ownerKind: 'INSTANCE', projectId: 'vision' };
  });
/** Two to six price books, the first before everything. */
const book = fc.record({ from: time, prices: fc.tuple(price, price, price) });
const books = fc.array(book, { minLength: 1, maxLength: 5 }).chain((later) =>
  fc.tuple(price, price, price).map((prices) => {
    const all = [{ from: START - DAY, prices }, ...later].sort((a, b) => a.from - b.from);
    return all.filter(({ from }, index) => all[index + 1]?.from !== from);
  }),
);

const device: Usage = {
  allocationId: 'allocation_1',
  ownerId: 'instance_1',
  ownerKind: 'INSTANCE',
  projectId: 'vision',
  gpuModelId: 'h100',
  basisPoints: 10_000,
  from: 0,
  to: null,
};

const timelineOf = (drawn: { from: number; prices: readonly bigint[] }[]): PriceTimeline =>
  drawn.map(({ from, prices }, index) => ({
    priceBookVersion: `book-${index}`,
    from,
    perHour: new Map(MODELS.map((model, at) => [model, toDecimal(prices[at] ?? 0n)])),
  }));

test('two hundred allocations with random starts, ends and price changes cost exactly what integers say', () => {
  fc.assert(
    fc.property(fc.array(usage, { minLength: 200, maxLength: 200 }), books, (allocations, drawn) => {
      let expected = 0n;
      for (const { from, to, gpuModelId, basisPoints } of allocations)
        for (const [index, { from: since, prices }] of drawn.entries()) {
          const begin = Math.max(from, since);
          const end = Math.min(to ?? END, drawn[index + 1]?.from ?? END, END);
          if (end <= begin) continue;
          const nanosPerHour = prices[MODELS.indexOf(gpuModelId)] ?? 0n;
          const exact = BigInt(end - begin) * nanosPerHour * BigInt(basisPoints);
          expected += divideHalfEven(exact, 3_600_000n * 10_000n);
        }
      const cost = costOf(allocations, timelineOf(drawn), { from: -Infinity, to: END });
      expect(toText(cost)).toBe(toDecimal(expected));
    }),
    { numRuns: 50 },
  );
});

test('the costs of adjacent windows add up to the cost of both, to the last decimal', () => {
  fc.assert(
    fc.property(usage, books, fc.array(time, { minLength: 1, maxLength: 8 }), (allocation, drawn, cuts) => {
      const prices = timelineOf(drawn);
      const edges = [START, ...cuts.sort((a, b) => a - b), END];
      const parts = edges
        .slice(1)
        .map((to, index) => costOf([allocation], prices, { from: edges[index] ?? START, to }));
      const whole = costOf([allocation], prices, { from: START, to: END });
      expect(toText(sum(parts))).toBe(toText(whole));
    }),
  );
});

test('groups of every kind add up to the total exactly, in money and in time', () => {
  const keys: ((charge: Charge) => string)[] = [
    (charge) => charge.usage.gpuModelId,
    (charge) => charge.usage.ownerId,
    (charge) => charge.priceBookVersion,
  ];
  fc.assert(
    fc.property(
      fc.array(usage, { maxLength: 40 }),
      books,
      fc.constantFrom(...keys),
      (allocations, drawn, key) => {
        const window = { from: START, to: END };
        const charges = allocations.flatMap((one) => chargesOf(one, timelineOf(drawn), window));
        const parts = [...groupBy(charges, key).values()];
        const total = sum(charges.map(({ amount }) => amount));
        expect(toText(sum(parts.map((part) => sum(part.map(({ amount }) => amount)))))).toBe(toText(total));
        expect(toText(sum(parts.map(gpuSeconds)))).toBe(toText(gpuSeconds(charges)));
      },
    ),
  );
});

test('a half at the tenth decimal goes to the even ninth', () => {
  const prices = (perHour: string): PriceTimeline => [
    { priceBookVersion: 'book', from: 0, perHour: new Map([['h100', perHour]]) },
  ];
  const oneMs: Usage = { ...device, to: 1 };
  const cost = (perHour: string) => toText(costOf([oneMs], prices(perHour), { from: 0, to: 1 }));
  expect(cost('0.0018')).toBe('0');
  expect(cost('0.0054')).toBe('0.000000002');
  expect(cost('0.0019')).toBe('0.000000001');
});

test('an hour of a device costs its price, an open allocation accrues until now, and a closed one no more', () => {
  const prices: PriceTimeline = [
    { priceBookVersion: 'old', from: 0, perHour: new Map([['h100', '2.99']]) },
    { priceBookVersion: 'new', from: 3_600_000, perHour: new Map([['h100', '4']]) },
  ];
  const open = device;
  const cost = (usages: Usage[], now: number) => toText(costOf(usages, prices, { from: -Infinity, to: now }));
  expect(cost([open], 3_600_000)).toBe('2.99');
  expect(cost([open], 7_200_000)).toBe('6.99');
  expect(cost([{ ...open, to: 1_800_000 }], 7_200_000)).toBe('1.495');
  expect(toText(ratePerHour([open, { ...open, to: 10 }], prices, 1_000))).toBe('2.99');
  expect(toText(ratePerHour([open], prices, 3_600_000))).toBe('4');
  expect(toText(ratePerHour([{ ...open, to: 10 }], prices, 10))).toBe('0');
});

test('use before the first price book, and of a model without a price, is free', () => {
  const prices: PriceTimeline = [
    { priceBookVersion: 'book', from: 1_000, perHour: new Map([['h100', '3600']]) },
  ];
  const early: Usage = { ...device, to: 2_000 };
  const window = { from: -Infinity, to: 5_000 };
  expect(toText(costOf([early], prices, window))).toBe('1');
  expect(toText(costOf([{ ...early, gpuModelId: 'unknown' }], prices, window))).toBe('0');
  expect(toText(costOf([early], [], window))).toBe('0');
});

function divideHalfEven(dividend: bigint, divisor: bigint): bigint {
  const quotient = dividend / divisor;
  const twice = 2n * (dividend % divisor);
  if (twice < divisor || (twice === divisor && quotient % 2n === 0n)) return quotient;
  return quotient + 1n;
}

/** Billionths as decimal text without needless zeros. */
function toDecimal(nanos: bigint): string {
  const fraction = String(nanos % NANO)
    .padStart(9, '0')
    .replace(/0+$/, '');
  return `${nanos / NANO}${fraction && `.${fraction}`}`;
}
