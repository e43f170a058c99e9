import { randomUUID } from 'node:crypto';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { BudgetEvent } from '../../../contracts/billing.events.js';
import type { Database } from '../../../platform/database/database.js';
import { dataOf } from '../../../test/testkit/subgraphHarness.js';
import { testDatabase } from '../../../test/testkit/testDatabase.js';
import { until } from '../../../test/testkit/until.js';
import {
  addProject,
  type BillingHarness,
  createBudget,
  finops,
  H100,
  longStandingPrices,
  openAllocation,
  origin,
  startBilling,
} from '../billing.fixture.js';
import { HOLD_CHECK } from '../hold/hold.commands.js';
import { createThresholds } from './threshold.commands.js';

/** Each device that was used costs 0.0299 USD, a third of the budget. */
const LIMIT = '0.0897';
const step = fc.constantFrom('use', 'use', 'look', 'renew', 'restart');
const world = fc.record({
  thresholds: fc.uniqueArray(fc.integer({ min: 1, max: 150 }), { minLength: 1, maxLength: 6 }),
  steps: fc.array(step, { minLength: 3, maxLength: 8 }),
});

/** The same database for one start of billing after the other. */
const shared = (database: Database): Database => ({ ...database, [Symbol.asyncDispose]: async () => {} });

async function crossed(harness: BillingHarness, budgetId: string) {
  const events = await harness.history('billing').readStream<BudgetEvent>(budgetId);
  return events.flatMap(({ type, data }) =>
    type === 'BudgetThresholdCrossed' ? [`${data.period} ${data.percent}`] : [],
  );
}

async function arrange(harness: BillingHarness, percents: readonly number[]) {
  const projectId = await addProject(harness);
  const thresholds = percents.map((percent) => ({ percent, action: 'WARN' }));
  const answer = await createBudget(harness.as(finops()), projectId, LIMIT, { thresholds });
  const { id } = dataOf<{ createBudget: { budget: { id: string } } }>(answer).createBudget.budget;
  const ownerId = `instance_${projectId}`;
  const hold = { ownerId, projectId, amount: '0.01', currency: 'USD' };
  const { holdId } = await harness.app.calls.placeHold(hold, origin);
  // It has a device that costs nothing, so that its hold can be renewed.
  await openAllocation(harness, { ownerId, projectId, from: new Date(), gpuModelId: 'unpriced' });
  return { projectId, budgetId: id, holdId };
}

/** A device that a job had for 36 s, opened and closed at once: until it is closed it would cost what it costs by then. */
const use = ({ database }: BillingHarness, projectId: string) => {
  const from = Date.now() - 60_000;
  return database.prisma.usage.create({
    data: {
      allocationId: randomUUID(),
      ownerId: `job_${projectId}`,
      ownerKind: 'JOB',
      projectId,
      gpuModelId: H100,
      basisPoints: 10_000,
      from: new Date(from),
      to: new Date(from + 36_000),
    },
  });
};

/** Everything at once, as it may come: two that look, the hold's timer, and what others store. */
async function take(
  harness: BillingHarness,
  kind: string,
  { projectId, holdId }: Awaited<ReturnType<typeof arrange>>,
) {
  const { database, app } = harness;
  const look = () => createThresholds(database, app.spine.commands).check();
  if (kind === 'look') await Promise.all([look(), look(), look()]);
  if (kind === 'use') await Promise.all([look(), use(harness, projectId), look()]);
  if (kind === 'renew') {
    const where = { name: HOLD_CHECK, key: holdId };
    await database.prisma.timer.updateMany({ where, data: { dueAt: new Date(0) } });
    await look();
  }
}

test('each threshold that spending reaches is stored once, whoever looks, and over restarts', async () => {
  await using database = await testDatabase();
  {
    await using first = await startBilling(async () => shared(database));
    await longStandingPrices(first);
  }
  await fc.assert(
    fc.asyncProperty(world, async ({ thresholds, steps }) => {
      let harness = await startBilling(async () => shared(database));
      try {
        const facts = await arrange(harness, thresholds);
        for (const kind of steps) {
          if (kind === 'restart') {
            await harness[Symbol.asyncDispose]();
            harness = await startBilling(async () => shared(database));
          } else await take(harness, kind, facts);
        }
        const devices = steps.filter((kind) => kind === 'use').length;
        const period = String(new Date().getUTCFullYear());
        const reached = thresholds.filter((percent) => devices * 100 >= 3 * percent);
        const expected = reached.map((percent) => `${period} ${percent}`).toSorted();
        await until(
          'all is stored',
          async () => (await crossed(harness, facts.budgetId)).length >= expected.length,
        );
        await take(harness, 'look', facts);
        expect((await crossed(harness, facts.budgetId)).toSorted()).toEqual(expected);
      } finally {
        await harness[Symbol.asyncDispose]();
      }
    }),
    { numRuns: 5, endOnFailure: true },
  );
});
