import fc from 'fast-check';
import { expect } from 'vitest';
import { PublicError } from '../../../platform/errors.js';
import { addProject, type BillingHarness, budgetOf, origin } from '../billing.fixture.js';
import { Decimal } from '../money.js';

type Step =
  | { kind: 'place'; owner: number; project: number; cents: number; seconds: number | null }
  | { kind: 'release'; owner: number };

/** Each project is below an earlier one, or at the top; a limit of null is no budget. */
const world = fc.record({
  parents: fc.tuple(
    fc.constant(null),
    fc.constantFrom(null, 0),
    fc.constantFrom(0, 1),
    fc.constantFrom(null, 0, 1, 2),
  ),
  limits: fc.array(fc.option(fc.nat(5_000), { freq: 4 }), { minLength: 4, maxLength: 4 }),
  steps: fc.array(
    fc.oneof(
      {
        weight: 5,
        arbitrary: fc.record({
          kind: fc.constant('place' as const),
          owner: fc.nat(30),
          project: fc.nat(3),
          cents: fc.nat(2_000),
          seconds: fc.option(fc.integer({ min: 1, max: 86_400 })),
        }),
      },
      { weight: 1, arbitrary: fc.record({ kind: fc.constant('release' as const), owner: fc.nat(30) }) },
    ),
    { minLength: 40, maxLength: 60 },
  ),
});

/**
 * Places and releases holds of instances and of whole runs of jobs, all at once, in random project trees with random budgets. Afterwards no budget holds more
 * than its limit, no owner has two holds, and the only refusals were for want of money.
 */
export async function expectLimitsHold(harness: BillingHarness, numRuns: number): Promise<void> {
  let run = 0;
  await fc.assert(
    fc.asyncProperty(world, async ({ parents, limits, steps }) => {
      run += 1;
      const projects: string[] = [];
      for (const parent of parents)
        projects.push(await addProject(harness, parent === null ? null : (projects[parent] ?? null)));
      for (const [index, limit] of limits.entries())
        if (limit !== null) await budgetOf(harness, projects[index] ?? '', cents(limit));
      const outcomes = await Promise.allSettled(steps.map((step) => take(harness, step, { projects, run })));
      for (const outcome of outcomes) if (outcome.status === 'rejected') expectNoMoney(outcome.reason);
      await expectWithinLimits(harness, projects);
    }),
    { numRuns, endOnFailure: true },
  );
}

const cents = (count: number) => (count / 100).toFixed(2);

function take(
  { app }: BillingHarness,
  step: Step,
  { projects, run }: { projects: readonly string[]; run: number },
): Promise<unknown> {
  const ownerId = `${step.owner % 2 === 0 ? 'instance' : 'job'}_${run}_${step.owner}`;
  if (step.kind === 'release') return app.calls.releaseHold({ ownerId, reason: 'REFUSED' }, origin);
  const projectId = projects[step.project] ?? '';
  const { seconds } = step;
  const hold = { ownerId, projectId, amount: cents(step.cents), currency: 'USD' };
  return app.calls.placeHold({ ...hold, ...(seconds !== null && { seconds }) }, origin);
}

function expectNoMoney(reason: unknown): void {
  if (!(reason instanceof PublicError)) throw reason;
  expect(reason.extensions.code).toBe('BUDGET_EXCEEDED');
  const { need, free, limit, held } = reason.extensions.details as Record<string, string>;
  expect(new Decimal(need ?? 0).gt(free ?? 0)).toBe(true);
  expect(new Decimal(limit ?? 0).minus(held ?? 0).eq(free ?? 0)).toBe(true);
}

/** By the rows alone, without billing's own arithmetic. */
async function expectWithinLimits({ database }: BillingHarness, projects: readonly string[]): Promise<void> {
  const within = { projectId: { in: [...projects] } };
  const nodes = await database.prisma.billingProject.findMany({ where: { id: { in: [...projects] } } });
  const budgets = await database.prisma.budget.findMany({ where: within });
  const holds = await database.prisma.budgetHold.findMany({ where: { ...within, live: true } });
  expect(new Set(holds.map(({ ownerId }) => ownerId)).size).toBe(holds.length);
  const amount = (state: unknown) => Math.round(Number((state as { amount: string }).amount) * 100);
  for (const budget of budgets) {
    const below = nodes.filter(({ lineage }) => lineage.includes(budget.projectId)).map(({ id }) => id);
    const held = holds.filter(({ projectId }) => below.includes(projectId)).map(({ state }) => amount(state));
    expect(held.reduce((total, one) => total + one, 0)).toBeLessThanOrEqual(amount(budget.state));
  }
}
