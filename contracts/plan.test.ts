import { expect, test } from 'vitest';
import { approvalAsk } from './approvalAsk.js';
import type { ModelFacts } from './admission.js';
import { assess, costFor, type PlanInput } from './plan.js';
import { APPROVAL_POLICY, matchedRules } from './policy.js';

const H100 = 'h100-sxm5-80gb';
const L40S = 'l40s-48gb';

const model = (more: Partial<ModelFacts> = {}): ModelFacts => ({
  gpuModelId: H100,
  nominal: 16,
  used: 0,
  rate: '2.99',
  cells: [{ projectId: 'vision', gpuModelId: H100, nominal: 16, used: 0 }],
  capacity: { free: 16, largestNow: 8, largestEver: 8 },
  money: null,
  ...more,
});

const planOf = (more: Partial<PlanInput> = {}) =>
  assess({
    request: { name: 'train' },
    count: 2,
    runSeconds: null,
    models: [model()],
    prices: { version: 'book-1', currency: 'USD' },
    budget: null,
    policy: APPROVAL_POLICY,
    hash: (value) => JSON.stringify(value),
    ...more,
  });

test('what is paid for by the hour has no total, a run costs its seconds to nine decimals', () => {
  const perHour = { amount: '5.98', currency: 'USD' };
  expect(planOf().plan.estimate).toEqual({ perHour, total: null, priceBookVersion: 'book-1' });
  expect(planOf({ runSeconds: 1 }).plan.estimate).toMatchObject({
    perHour,
    total: { amount: '0.001661111', currency: 'USD' },
  });
  expect(costFor('2.99', 2, 7_200)).toBe('11.96');
});

test('a run must fit the budget as a whole, an instance for its first hour', () => {
  const budget = { limit: '12', spent: '4', held: '1', currency: 'USD', budgetId: 'budget_1' };
  expect(planOf({ budget }).plan.feasible).toBe(true);
  const { plan } = planOf({ budget, runSeconds: 7_200 });
  expect(plan.feasible).toBe(false);
  expect(plan.blockers).toEqual([
    expect.objectContaining({ code: 'BUDGET', rank: 1, need: '11.96', free: '7', unit: 'USD' }),
  ]);
});

test('a budget that admits nothing new pays for nothing, whatever is left of it', () => {
  const budget = { limit: '100', spent: '90', held: '0', currency: 'USD', budgetId: 'budget_1' };
  expect(planOf({ budget }).plan.feasible).toBe(true);
  const { plan } = planOf({ budget: { ...budget, blocked: true } });
  expect(plan.blockers).toEqual([expect.objectContaining({ code: 'BUDGET', need: '5.98', free: '0' })]);
});

test('more than four GPUs, or more than forty dollars an hour, need an approval', () => {
  const ids = (gpus: number, perHour: string | null) =>
    matchedRules(APPROVAL_POLICY, { gpus, perHour }).map(({ id }) => id);
  expect(ids(4, '40')).toEqual([]);
  expect(ids(5, '40.00')).toEqual(['gpus-above-4']);
  expect(ids(4, '40.000000001')).toEqual(['cost-above-40-usd-per-hour']);
  expect(ids(5, null)).toEqual(['gpus-above-4']);
});

test('the dearest choice decides which rules apply, whichever would be taken', () => {
  const dear = model({ gpuModelId: L40S, rate: '30' });
  const { plan, verdict } = planOf({ models: [model(), dear] });
  expect(verdict.model?.gpuModelId).toBe(H100);
  expect(plan.approvalsNeeded).toEqual([
    { rule: 'cost-above-40-usd-per-hour', reason: 'More than 40 USD per hour.' },
  ]);
  expect(plan.feasible).toBe(true);
  expect(plan.blockers).toEqual([
    expect.objectContaining({ code: 'APPROVAL', rank: 1, need: '1', free: '0', unit: 'APPROVAL' }),
  ]);
});

test('what a request would be refused for ranks before the approval that it would need', () => {
  const { blockers } = planOf({ count: 9 }).plan;
  expect(blockers.map(({ code, rank }) => `${rank} ${code}`)).toEqual(['1 NO_MATCHING_DEVICE', '2 APPROVAL']);
});

test('the hash changes with a rule that begins to apply', () => {
  const strict = { ...APPROVAL_POLICY, rules: [{ id: 'any', reason: 'Any.', when: { gpusAbove: 0 } }] };
  expect(planOf({ policy: strict }).plan.planHash).not.toBe(planOf().plan.planHash);
});

test('a question carries its evidence: estimate, limits, rules, the policy and the plan', () => {
  const { plan } = planOf({ count: 5, runSeconds: 3_600 });
  const about = {
    approvalId: 'approval_1',
    action: 'SUBMIT_JOB',
    target: { type: 'Job', id: 'job_1', name: 'train' },
    reason: 'A deadline.',
  } as const;
  expect(approvalAsk(about, plan, APPROVAL_POLICY, new Date('2026-11-21T10:00:00Z'))).toEqual({
    ...about,
    planHash: plan.planHash,
    policyVersion: 'shipped-1',
    rules: [{ rule: 'gpus-above-4', reason: 'More than 4 GPUs in one request.' }],
    estimate: { perHour: '14.95', total: '14.95', currency: 'USD', priceBookVersion: 'book-1' },
    quota: [{ gpuModelId: H100, nominal: 16, used: 0, requested: 5 }],
    expiresAt: '2026-11-28T10:00:00.000Z',
  });
});
