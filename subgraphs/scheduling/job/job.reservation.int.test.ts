import { afterAll, expect, test } from 'vitest';
import type { BillingCalls } from '../../../contracts/calls.js';
import { unavailable } from '../../../platform/errors.js';
import {
  cancelJob,
  createTenant,
  H100,
  jobState,
  startBareScheduling,
  storeJobs,
} from '../scheduling.fixture.js';
import { createReserve } from './job.reservation.js';

/** Without devices: what is reserved here the test reserves, and not the pass. */
const harness = await startBareScheduling();
afterAll(() => harness[Symbol.asyncDispose]());

const wanted = { attempt: 1, gpuModelId: H100 };

const reserveWith = (billing: BillingCalls = harness.billing, perHour: string | null = '3') =>
  createReserve({
    commands: harness.app.spine.commands,
    store: harness.app.spine.store,
    billing,
    readPrices: async () => (perHour === null ? null : { rates: { [H100]: perHour }, currency: 'USD' }),
  });

/** A job that asks for 2 GPUs for an hour. */
async function waiting() {
  const tenant = await createTenant(harness, {});
  const [id = ''] = await storeJobs(harness, tenant.projectId, 1);
  return { ...tenant, id };
}

test('a reservation holds the money for the whole run, and follows from what decided it', async () => {
  const { id } = await waiting();
  expect(await reserveWith()(id, wanted, 'decision_1')).toEqual({ outcome: 'RESERVED' });
  const hold = harness.billing.holds.get(id);
  expect(hold).toMatchObject({ amount: '6' });
  expect((await harness.app.spine.store.readStream(id)).at(-1)).toMatchObject({
    type: 'JobReserved',
    data: { attempt: 1, gpuModelId: H100, holdId: hold?.id, maxRuntimeSeconds: 3_600 },
    causationId: 'decision_1',
    actor: { kind: 'SYSTEM' },
  });
});

test('where no price is known nothing is held', async () => {
  const { id } = await waiting();
  expect(await reserveWith(harness.billing, null)(id, wanted, 'decision_1')).toEqual({ outcome: 'RESERVED' });
  expect((await jobState(harness, id)).attempts).toMatchObject([{ holdId: null }]);
  expect(harness.billing.holds.has(id)).toBe(false);
});

test('without the money a job stays where it is, and the answer says how much is missing', async () => {
  const { id, projectId } = await waiting();
  harness.billing.setBudget(projectId, '5.5');
  expect(await reserveWith()(id, wanted, 'decision_1')).toEqual({
    outcome: 'BUDGET',
    need: '6',
    free: '5.5',
    currency: 'USD',
    budgetId: `budget_${projectId}`,
  });
  expect(await jobState(harness, id)).toMatchObject({ phase: 'QUEUED', attempts: [] });
});

test('two who reserve the same attempt at once get it once, and its money stays held', async () => {
  const { id } = await waiting();
  const reserve = reserveWith();
  const outcomes = await Promise.all([1, 2, 3].map((each) => reserve(id, wanted, `decision_${each}`)));
  expect(outcomes.map(({ outcome }) => outcome).sort()).toEqual(['MOVED_ON', 'MOVED_ON', 'RESERVED']);
  expect((await jobState(harness, id)).attempts).toMatchObject([
    { number: 1, holdId: harness.billing.holds.get(id)?.id },
  ]);
});

test('the money of a job that was cancelled while it was reserved is given back', async () => {
  const { id, admin } = await waiting();
  const billing: BillingCalls = {
    ...harness.billing,
    async placeHold(input, origin) {
      const held = await harness.billing.placeHold(input, origin);
      await cancelJob(admin, id);
      return held;
    },
  };
  expect(await reserveWith(billing)(id, wanted, 'decision_1')).toEqual({ outcome: 'MOVED_ON' });
  expect(harness.billing.holds.has(id)).toBe(false);
  expect((await jobState(harness, id)).phase).toBe('CANCELLED');
});

test('another attempt than the job waits for is not reserved, and an outage of billing is told', async () => {
  const { id } = await waiting();
  expect(await reserveWith()(id, { ...wanted, attempt: 2 }, 'decision_1')).toEqual({ outcome: 'MOVED_ON' });
  expect(await reserveWith()('job_none', wanted, 'decision_1')).toEqual({ outcome: 'MOVED_ON' });
  const billing: BillingCalls = {
    ...harness.billing,
    placeHold: () => Promise.reject(unavailable('Billing')),
  };
  await expect(reserveWith(billing)(id, wanted, 'decision_1')).rejects.toMatchObject({
    extensions: { code: 'UNAVAILABLE' },
  });
  expect(await jobState(harness, id)).toMatchObject({ phase: 'QUEUED', attempts: [] });
});
