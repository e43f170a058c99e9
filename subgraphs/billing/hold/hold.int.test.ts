import { expect, test } from 'vitest';
import { PublicError } from '../../../platform/errors.js';
import { until } from '../../../test/testkit/until.js';
import {
  addProject,
  type BillingHarness,
  budgetOf,
  closeAllocation,
  longStandingPrices,
  openAllocation,
  origin,
  startBilling,
  useDevices,
} from '../billing.fixture.js';

const place = ({ app }: BillingHarness, ownerId: string, projectId: string, amount: string) =>
  app.calls.placeHold({ ownerId, projectId, amount, currency: 'USD' }, origin);

/** The types of all that happened to a hold. */
const historyOf = async (harness: BillingHarness, holdId: string) =>
  (await harness.history('billing').readStream(holdId)).map(({ type }) => type);

const stateOf = async ({ database }: BillingHarness, id: string) =>
  (await database.prisma.budgetHold.findUniqueOrThrow({ where: { id } })).state;

/** Lets a hold's timer be due now. */
const makeDue = ({ database }: BillingHarness, name: string, key: string) =>
  database.prisma.timer.updateMany({ where: { name, key }, data: { dueAt: new Date(0) } });

const dueAt = async ({ database }: BillingHarness, name: string, key: string) =>
  (await database.prisma.timer.findFirst({ where: { name, key } }))?.dueAt.getTime();

async function refusalOf(work: Promise<unknown>): Promise<PublicError['extensions']> {
  const error: unknown = await work.then(
    () => null,
    (reason: unknown) => reason,
  );
  if (!(error instanceof PublicError)) throw new Error(`Not refused: ${String(error)}`);
  return error.extensions;
}

test('a hold that would take what is spent and held over the budget is refused with the numbers', async () => {
  await using harness = await startBilling();
  await longStandingPrices(harness);
  const root = await addProject(harness);
  const child = await addProject(harness, root);
  const budgetId = await budgetOf(harness, root, '10');
  await budgetOf(harness, child, '1000');
  await useDevices(harness, { ownerId: 'instance_0', projectId: root, count: 10 });
  await place(harness, 'instance_1', child, '4');
  const { code, hint, details } = await refusalOf(place(harness, 'instance_2', child, '5.702'));
  expect(hint).not.toBe('');
  expect({ code, details }).toEqual({
    code: 'BUDGET_EXCEEDED',
    details: {
      budgetId,
      need: '5.702',
      free: '5.701',
      limit: '10',
      spent: '0.299',
      held: '4',
      currency: 'USD',
    },
  });
  await place(harness, 'instance_2', child, '5.701');
  expect(await harness.app.calls.budgetStatus({ projectId: child })).toEqual({
    budgetId,
    limit: '10',
    spent: '0.299',
    held: '9.701',
    currency: 'USD',
  });
});

test('without a budget there is no limit', async () => {
  await using harness = await startBilling();
  const projectId = await addProject(harness);
  await place(harness, 'instance_1', projectId, '1000000000');
  expect(await harness.app.calls.budgetStatus({ projectId })).toBeNull();
});

test('an owner has one hold: a repeat answers with it, a hundred at once too', async () => {
  await using harness = await startBilling();
  const projectId = await addProject(harness);
  await budgetOf(harness, projectId, '5');
  const answers = await Promise.all(
    Array.from({ length: 100 }, () => place(harness, 'instance_1', projectId, '3')),
  );
  expect(new Set(answers.map(({ holdId }) => holdId)).size).toBe(1);
  expect(await harness.app.calls.budgetStatus({ projectId })).toMatchObject({ held: '3' });
});

test('releasing gives the money back, and releasing nothing is no error', async () => {
  await using harness = await startBilling();
  const projectId = await addProject(harness);
  await budgetOf(harness, projectId, '5');
  await harness.app.calls.releaseHold({ ownerId: 'instance_1', reason: 'REFUSED' }, origin);
  const { holdId } = await place(harness, 'instance_1', projectId, '3');
  await harness.app.calls.releaseHold({ ownerId: 'instance_1', reason: 'REFUSED' }, origin);
  expect(await stateOf(harness, holdId)).toMatchObject({ live: false, releaseReason: 'REFUSED' });
  expect(await harness.app.calls.budgetStatus({ projectId })).toMatchObject({ held: '0' });
  const again = await place(harness, 'instance_1', projectId, '5');
  expect(again.holdId).not.toBe(holdId);
});

test('a project that nobody has created is unavailable, and may be tried again', async () => {
  await using harness = await startBilling();
  expect(await refusalOf(place(harness, 'instance_1', 'project_none', '1'))).toMatchObject({
    code: 'UNAVAILABLE',
    retryable: true,
  });
});

test('a hold shrinks into spending: what is used is spent and no longer held', async () => {
  await using harness = await startBilling();
  await longStandingPrices(harness);
  const projectId = await addProject(harness);
  await budgetOf(harness, projectId, '100');
  const { holdId } = await place(harness, 'instance_1', projectId, '2.99');
  // Placed half an hour ago, as if the test had waited.
  const placedAt = new Date(Date.now() - 1_800_000);
  const state = { ...((await stateOf(harness, holdId)) as object), since: placedAt.toISOString() };
  await harness.database.prisma.budgetHold.update({
    where: { id: holdId },
    data: { state, createdAt: placedAt },
  });
  await openAllocation(harness, { ownerId: 'instance_1', projectId, from: placedAt });
  await until('the allocation is metered', async () => (await harness.database.prisma.usage.count()) === 1);
  const status = await harness.app.calls.budgetStatus({ projectId });
  const [spent, held] = [Number(status?.spent), Number(status?.held)];
  expect(spent).toBeGreaterThan(1.49);
  expect(held).toBeLessThan(1.5);
  expect(spent + held).toBeCloseTo(2.99, 9);
});

test('the hold is released when the last allocation of its owner has ended', async () => {
  await using harness = await startBilling();
  const projectId = await addProject(harness);
  const { holdId } = await place(harness, 'instance_1', projectId, '5.98');
  const from = new Date();
  const first = await openAllocation(harness, { ownerId: 'instance_1', projectId, from });
  const second = await openAllocation(harness, { ownerId: 'instance_1', projectId, from });
  await closeAllocation(harness, first, new Date(Date.now() + 1_000));
  const settled = async () => {
    const where = { name_context: { name: 'billing.hold-settlement', context: 'resources' } };
    const checkpoint = await harness.database.prisma.checkpoint.findUnique({ where });
    return checkpoint?.position === (await harness.history('resources').head());
  };
  await until('the first ending has been seen', settled);
  expect(await stateOf(harness, holdId)).toMatchObject({ live: true });
  await closeAllocation(harness, second, new Date(Date.now() + 1_000));
  await until('the second ending has been seen', settled);
  expect(await stateOf(harness, holdId)).toMatchObject({ live: false, releaseReason: 'ENDED' });
  expect(await harness.database.prisma.timer.count({ where: { key: holdId } })).toBe(0);
});

test('a new hold is not released by the end of what its owner had before', async () => {
  await using harness = await startBilling();
  const projectId = await addProject(harness);
  const from = new Date(Date.now() - 60_000);
  const old = await openAllocation(harness, { ownerId: 'instance_1', projectId, from });
  const { holdId } = await place(harness, 'instance_1', projectId, '2.99');
  await closeAllocation(harness, old, new Date(Date.now() - 30_000));
  await until('the ending has been seen', async () => {
    const where = { name_context: { name: 'billing.hold-settlement', context: 'resources' } };
    const checkpoint = await harness.database.prisma.checkpoint.findUnique({ where });
    return checkpoint?.position === (await harness.history('resources').head());
  });
  expect(await stateOf(harness, holdId)).toMatchObject({ live: true });
});

test('a hold is renewed for the next hour at what its owner has open then', async () => {
  await using harness = await startBilling();
  await longStandingPrices(harness);
  const projectId = await addProject(harness);
  await budgetOf(harness, projectId, '100');
  const { holdId } = await place(harness, 'instance_1', projectId, '5.98');
  await openAllocation(harness, { ownerId: 'instance_1', projectId, from: new Date() });
  await until('the allocation is metered', async () => (await harness.database.prisma.usage.count()) === 1);
  await makeDue(harness, 'holdRenewal', holdId);
  await until('it is renewed', async () => (await historyOf(harness, holdId)).includes('HoldRenewed'));
  expect(await stateOf(harness, holdId)).toMatchObject({ live: true, amount: '2.99', refused: null });
  await until('the next renewal is set', async () => {
    const due = await dueAt(harness, 'holdRenewal', holdId);
    return due !== undefined && due > Date.now() + 3_500_000;
  });
});

test('a renewal that does not fit is refused, is stored, and stops nothing', async () => {
  await using harness = await startBilling();
  await longStandingPrices(harness);
  const projectId = await addProject(harness);
  await budgetOf(harness, projectId, '3');
  const { holdId } = await place(harness, 'instance_1', projectId, '2.99');
  await useDevices(harness, { ownerId: 'instance_2', projectId });
  await openAllocation(harness, { ownerId: 'instance_1', projectId, from: new Date() });
  await until('all is metered', async () => (await harness.database.prisma.usage.count()) === 2);
  await makeDue(harness, 'holdRenewal', holdId);
  await until('it is refused', async () => (await historyOf(harness, holdId)).includes('HoldRenewalRefused'));
  expect(await stateOf(harness, holdId)).toMatchObject({ live: true, refused: { need: '2.99' } });
  expect(await historyOf(harness, holdId)).toEqual(['HoldPlaced', 'HoldRenewalRefused']);
});

test('an unconfirmed hold lapses, a confirmed one does not', async () => {
  await using harness = await startBilling();
  const projectId = await addProject(harness);
  const unconfirmed = await place(harness, 'instance_1', projectId, '1');
  const confirmed = await place(harness, 'instance_2', projectId, '1');
  await openAllocation(harness, { ownerId: 'instance_2', projectId, from: new Date() });
  for (const { holdId } of [confirmed, unconfirmed]) await makeDue(harness, 'holdLapse', holdId);
  await until('both timers are over', async () => {
    return (await harness.database.prisma.timer.count({ where: { name: 'holdLapse' } })) === 0;
  });
  expect(await stateOf(harness, unconfirmed.holdId)).toMatchObject({ live: false, releaseReason: 'LAPSED' });
  expect(await stateOf(harness, confirmed.holdId)).toMatchObject({ live: true });
});
