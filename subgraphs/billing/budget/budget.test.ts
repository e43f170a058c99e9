import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { BudgetEvent } from '../../../contracts/billing.events.js';
import { Decimal } from '../money.js';
import {
  blocksNew,
  type BudgetState,
  budgetStatus,
  decideCreateBudget,
  decideCrossThresholds,
  decideUpdateBudget,
  evolveBudget,
  nextCrossingMs,
} from './budget.js';
import { periodAt } from './period.js';

const id = 'budget_1';
const created = decideCreateBudget({
  id,
  projectId: 'vision',
  period: 'MONTH',
  amount: '5000.00',
  thresholds: null,
});

const given = (...events: BudgetEvent[]): BudgetState => {
  const state = [...created, ...events].reduce<BudgetState | null>(evolveBudget, null);
  if (!state) throw new Error('unborn');
  return state;
};

const crossings = (state: BudgetState, spent: string, period = '2026-11') =>
  decideCrossThresholds(id, state, { period, spent: new Decimal(spent), held: new Decimal('1.5') });

test('a budget warns at 50, 80 and 90 percent and admits nothing new from 100 on, unless told otherwise', () => {
  expect(given()).toMatchObject({ amount: '5000', currency: 'USD' });
  expect(given().thresholds.map(({ percent, action }) => `${percent} ${action}`)).toEqual([
    '50 WARN',
    '80 WARN',
    '90 WARN',
    '100 BLOCK_NEW',
  ]);
});

test('each threshold is reported once per period, with what is spent and held', () => {
  expect(crossings(given(), '2499.999999999')).toEqual([]);
  const first = crossings(given(), '4100');
  expect(first).toEqual([
    {
      type: 'BudgetThresholdCrossed',
      data: { id, period: '2026-11', percent: 50, action: 'WARN', spent: '4100', held: '1.5' },
    },
    {
      type: 'BudgetThresholdCrossed',
      data: { id, period: '2026-11', percent: 80, action: 'WARN', spent: '4100', held: '1.5' },
    },
  ]);
  expect(crossings(given(...first), '4200')).toEqual([]);
  expect(crossings(given(...first), '5000').map(({ data }) => 'percent' in data && data.percent)).toEqual([
    90, 100,
  ]);
  expect(crossings(given(...first), '2600', '2026-12')).toHaveLength(1);
});

test('however spending, periods and late looks follow each other, each threshold is reported at most once a period, and none is missed', () => {
  const look = fc.record({
    month: fc.nat(3),
    spent: fc.nat(6_000),
    amount: fc.option(fc.integer({ min: 1_000, max: 6_000 }), { freq: 6 }),
  });
  fc.assert(
    fc.property(fc.array(look, { maxLength: 30 }), (looks) => {
      let state = given();
      let newest = 0;
      const reported: string[] = [];
      for (const { month, spent, amount } of looks) {
        newest = Math.max(newest, month);
        const period = `2026-0${month + 1}`;
        if (amount !== null)
          state = evolveBudget(state, { type: 'BudgetAmountChanged', data: { id, amount: String(amount) } });
        for (const event of crossings(state, String(spent), period)) {
          if ('percent' in event.data) reported.push(`${event.data.period} ${event.data.percent}`);
          state = evolveBudget(state, event);
        }
        const reached = [50, 80, 90, 100].filter((percent) => spent * 100 >= Number(state.amount) * percent);
        if (month === newest)
          for (const percent of reached) expect(reported).toContain(`${period} ${percent}`);
      }
      expect(new Set(reported).size).toBe(reported.length);
    }),
  );
});

test('the next threshold is reached when the rate has made up what is missing, and not a millisecond before', () => {
  const next = (spent: string, ratePerHour: string) =>
    nextCrossingMs(given(), { spent: new Decimal(spent), ratePerHour: new Decimal(ratePerHour) });
  expect(next('2490', '10')).toBe(3_600_000);
  expect(next('2500', '2.99')).toBe(Math.ceil((1_500 * 3_600_000) / 2.99));
  expect([next('2490', '0'), next('5000', '10')]).toEqual([Infinity, Infinity]);
});

test('only a threshold that blocks keeps new things out', () => {
  const budget = {
    amount: '10',
    thresholds: [
      { percent: 50, action: 'WARN' },
      { percent: 80, action: 'BLOCK_NEW' },
    ],
  } as const;
  const blocks = (spent: string) => blocksNew(budget, new Decimal(spent));
  expect(['0', '7.999999999', '8', '12'].map(blocks)).toEqual([false, false, true, true]);
});

test('the status warns from the lowest warning on and is exceeded when all is spent', () => {
  const status = (spent: string) => budgetStatus(given(), new Decimal(spent));
  expect(['0', '2499.99', '2500', '4999.999999999', '5000', '6000'].map(status)).toEqual([
    'OK',
    'OK',
    'WARNING',
    'WARNING',
    'EXCEEDED',
    'EXCEEDED',
  ]);
});

test('the same amount again changes nothing', () => {
  expect(decideUpdateBudget(id, given(), '5000.0')).toEqual([]);
  expect(decideUpdateBudget(id, given(), '6000')).toEqual([
    { type: 'BudgetAmountChanged', data: { id, amount: '6000' } },
  ]);
});

test('a percentage that is named twice is refused', () => {
  const thresholds = [
    { percent: 80, action: 'WARN' as const },
    { percent: 80, action: 'BLOCK_NEW' as const },
  ];
  const create = () =>
    decideCreateBudget({ id, projectId: 'vision', period: 'YEAR', amount: '1', thresholds });
  expect(create).toThrow(
    expect.objectContaining({ extensions: expect.objectContaining({ code: 'BAD_USER_INPUT' }) }),
  );
});

test('periods are those of the calendar in UTC', () => {
  const last = new Date('2026-12-31T23:59:59.999Z');
  expect(periodAt('MONTH', last)).toEqual({
    name: '2026-12',
    from: Date.UTC(2026, 11, 1),
    to: Date.UTC(2027, 0, 1),
  });
  expect(periodAt('QUARTER', last)).toEqual({
    name: '2026-Q4',
    from: Date.UTC(2026, 9, 1),
    to: Date.UTC(2027, 0, 1),
  });
  expect(periodAt('YEAR', last)).toEqual({
    name: '2026',
    from: Date.UTC(2026, 0, 1),
    to: Date.UTC(2027, 0, 1),
  });
  expect(periodAt('MONTH', new Date('2027-01-01T00:00:00Z')).name).toBe('2027-01');
});
