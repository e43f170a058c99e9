import fc from 'fast-check';
import { expect, test } from 'vitest';
import { judge, type ModelFacts, neverFits, obstacleOf, planDocument } from './admission.js';

const facts = (more: Partial<ModelFacts> = {}): ModelFacts => ({
  gpuModelId: 'h100-sxm5-80gb',
  nominal: 16,
  used: 0,
  rate: '2.99',
  cells: [{ projectId: 'vision', gpuModelId: 'h100-sxm5-80gb', nominal: 16, used: 0 }],
  capacity: { free: 16, largestNow: 8, largestEver: 8 },
  money: null,
  ...more,
});
const cells = (nominal: number, used: number) => [
  { projectId: 'vision', gpuModelId: 'h100-sxm5-80gb', nominal, used },
];
const poor = { need: '2.99', free: '1', fits: false };

test('quota answers before budget, budget before devices', () => {
  const capacity = { free: 0, largestNow: 0, largestEver: 0 };
  expect(obstacleOf(1, facts({ cells: cells(0, 0), money: poor, capacity }))).toMatchObject({
    code: 'QUOTA',
  });
  expect(obstacleOf(1, facts({ money: poor, capacity }))).toMatchObject({ code: 'BUDGET' });
  expect(obstacleOf(1, facts({ capacity }))).toMatchObject({ code: 'NO_MATCHING_DEVICE' });
  expect(obstacleOf(1, facts({ capacity: { ...capacity, largestEver: 8 } }))).toMatchObject({
    code: 'CAPACITY',
  });
});

test('the limit of an ancestor counts like one of the project', () => {
  const above = { projectId: 'organisation', gpuModelId: 'h100-sxm5-80gb', nominal: 4, used: 3 };
  expect(obstacleOf(2, facts({ cells: [...cells(16, 0), above] }))).toMatchObject({
    code: 'QUOTA',
    cell: above,
    free: 1,
  });
});

test('a wish for one of several models is refused for what the best of them lacks', () => {
  const noQuota = facts({ gpuModelId: 'a', cells: cells(0, 0) });
  const noDevice = facts({ gpuModelId: 'b', capacity: { free: 3, largestNow: 0, largestEver: 8 } });
  const { obstacles } = judge(1, [noQuota, noDevice]);
  expect(obstacles.map(({ code, gpuModelId }) => `${code} ${gpuModelId}`)).toEqual(['CAPACITY b', 'QUOTA a']);
  expect(judge(1, [noQuota, facts({ gpuModelId: 'c' })]).model?.gpuModelId).toBe('c');
});

test('waiting helps against what is used, not against what is too large', () => {
  const busy = { free: 0, largestNow: 0, largestEver: 8 };
  expect(neverFits(8, facts({ cells: cells(8, 8), capacity: busy }))).toBe(false);
  expect(neverFits(9, facts({ capacity: busy }))).toBe(true);
  expect(neverFits(8, facts({ cells: cells(7, 0) }))).toBe(true);
});

test('what is admitted fits every limit and the devices', () => {
  const amount = fc.nat(12);
  const arbitrary = fc.record({
    nominal: amount,
    used: amount,
    free: amount,
    largest: amount,
    count: fc.integer({ min: 1, max: 12 }),
  });
  fc.assert(
    fc.property(arbitrary, ({ nominal, used, free, largest, count }) => {
      const capacity = { free, largestNow: Math.min(free, largest), largestEver: largest };
      const { feasible } = judge(count, [facts({ cells: cells(nominal, used), capacity })]);
      expect(feasible).toBe(used + count <= nominal && count <= capacity.largestNow);
    }),
  );
});

test('usage and free devices are no part of a plan’s document, prices and limits are', () => {
  const document = (more: Partial<ModelFacts>) =>
    JSON.stringify(
      planDocument({ request: { name: 'a' }, models: [facts(more)], priceBookVersion: 'v1', rules: [] }),
    );
  expect(document({ used: 7, capacity: { free: 0, largestNow: 0, largestEver: 0 }, money: poor })).toBe(
    document({}),
  );
  expect(document({ rate: '3' })).not.toBe(document({}));
  expect(document({ nominal: 8 })).not.toBe(document({}));
});
