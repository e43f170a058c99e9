import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { AllocationEvent } from '../../../contracts/resources.events.js';
import { toText } from '../money.js';
import { costOf, type PriceTimeline, ratePerHour, type Usage } from '../usage/rating.js';
import { createCostMeter } from './costMeter.js';

const END = 10_000_000;
const time = fc.integer({ min: 0, max: END });
const usage = fc
  .record({
    allocationId: fc.uuid(),
    from: time,
    length: fc.option(fc.nat(END)),
    gpuModelId: fc.constantFrom('h100', 'a100', 'unpriced'),
    basisPoints: fc.constantFrom(10_000, 2_500, 1_429),
  })
  .map(({ length, ...rest }): Usage => ({
    ...rest,
    to: length === null ? null : rest.from + length,
    ownerId: 'job_1',
    ownerKind: 'JOB',
    projectId: 'vision',
  }));
const perHour = fc.integer({ min: 0, max: 20_000 }).map((thousandths) => (thousandths / 1_000).toFixed(3));
const timeline = fc
  .uniqueArray(fc.record({ from: time, h100: perHour, a100: perHour }), {
    maxLength: 4,
    selector: ({ from }) => from,
  })
  .map((books): PriceTimeline =>
    books
      .sort((a, b) => a.from - b.from)
      .map(({ from, ...prices }, index) => ({
        priceBookVersion: `book-${index}`,
        from,
        perHour: new Map(Object.entries(prices)),
      })),
  );

const iso = (at: number) => new Date(at).toISOString();

/** What happens to allocations after a moment, in the order in which it happens. */
const eventsAfter = (usages: readonly Usage[], moment: number): { at: number; event: AllocationEvent }[] =>
  usages
    .flatMap(({ allocationId: id, from, to, ownerId, ...device }) => {
      const { gpuModelId, basisPoints, projectId } = device;
      const where = { projectId, gpuId: 'eu-1/h100-1/0', nodeId: 'eu-1/h100-1', gpuModelId, basisPoints };
      const owner = { kind: 'JOB' as const, id: ownerId };
      const opened = { type: 'AllocationOpened' as const, data: { id, owner, ...where, from: iso(from) } };
      const closed = to === null ? null : { type: 'AllocationClosed' as const, data: { id, to: iso(to) } };
      return [
        { at: from, order: 0, event: opened as AllocationEvent },
        ...(closed && to !== null ? [{ at: to, order: 1, event: closed as AllocationEvent }] : []),
      ];
    })
    .filter(({ at }) => at > moment)
    .sort((a, b) => a.at - b.at || a.order - b.order);

/** The usage as it was known at a moment. */
const knownAt = (usages: readonly Usage[], moment: number): Usage[] =>
  usages
    .filter(({ from }) => from <= moment)
    .map((one) => ({ ...one, to: one.to !== null && one.to <= moment ? one.to : null }));

test('whenever it is looked at, a meter says to the last digit what the usage at that moment costs', () => {
  fc.assert(
    fc.property(fc.array(usage, { maxLength: 12 }), timeline, time, (usages, prices, begun) => {
      const meter = createCostMeter({ usages: knownAt(usages, begun), prices });
      const looks = [{ at: begun, event: null }, ...eventsAfter(usages, begun), { at: 3 * END, event: null }];
      for (const { at, event } of looks) {
        if (event) expect(meter.take(event)).toBe(true);
        const measured = meter.measure(at);
        const known = knownAt(usages, measured.at);
        expect(measured.at).toBe(at);
        expect(toText(measured.accrued)).toBe(toText(costOf(known, prices, { from: -Infinity, to: at })));
        if (looks.filter((look) => look.at === at).length === 1)
          expect(toText(measured.ratePerHour)).toBe(toText(ratePerHour(known, prices, at)));
      }
    }),
    { numRuns: 60 },
  );
});

test('an ending of what is not in the scope changes nothing, and nor does one that is told twice', () => {
  const meter = createCostMeter({ usages: [], prices: [] });
  expect(meter.take({ type: 'AllocationClosed', data: { id: 'allocation_1', to: iso(1) } })).toBe(false);
});

test('no moment is measured before what is known to have happened', () => {
  const open: Usage = {
    allocationId: 'allocation_1',
    ownerId: 'job_1',
    ownerKind: 'JOB',
    projectId: 'vision',
    gpuModelId: 'h100',
    basisPoints: 10_000,
    from: 1_000,
    to: null,
  };
  const prices = [{ priceBookVersion: 'book', from: 0, perHour: new Map([['h100', '3.6']]) }];
  const metered = createCostMeter({ usages: [open], prices }).measure(990);
  expect(metered.at).toBe(1_000);
  expect(toText(metered.ratePerHour)).toBe('3.6');
});
