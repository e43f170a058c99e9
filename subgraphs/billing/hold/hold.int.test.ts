import { expect, test } from 'vitest';
import { PublicError } from '../../../platform/errors.js';
import { dataOf } from '../../../test/testkit/subgraphHarness.js';
import { until } from '../../../test/testkit/until.js';
import {
  addProject,
  type BillingHarness,
  budgetOf,
  closeAllocation,
  createBudget,
  finops,
  longStandingPrices,
  makeOver,
  openAllocation,
  origin,
  startBilling,
  useDevices,
} from '../billing.fixture.js';
import { HOLD_CHECK } from './hold.commands.js';

const place = (
  { app }: BillingHarness,
  ownerId: string,
  projectId: string,
  amount: string,
  more: { seconds?: number } = {},
) => app.calls.placeHold({ ownerId, projectId, amount, currency: 'USD', ...more }, origin);

/** The types of all that happened to a hold. */
const historyOf = async (harness: BillingHarness, holdId: string) =>
  (await harness.history('billing').readStream(holdId)).map(({ type }) => type);

const stateOf = async ({ database }: BillingHarness, id: string) =>
  (await database.prisma.budgetHold.findUniqueOrThrow({ where: { id } })).state;

const dueAt = async ({ database }: BillingHarness, holdId: string) =>
  (await database.prisma.timer.findFirst({ where: { name: HOLD_CHECK, key: holdId } }))?.dueAt.getTime();

/** Lets the timer look at a hold now, and waits until it has; resolves when it looks again, or undefined. */
async function look(harness: BillingHarness, holdId: string): Promise<number | undefined> {
  const where = { name: HOLD_CHECK, key: holdId };
  await harness.database.prisma.timer.updateMany({ where, data: { dueAt: new Date(0) } });
  await until('the hold was looked at', async () => (await dueAt(harness, holdId)) !== 0);
  return dueAt(harness, holdId);
}

/** Waits until the end of what an owner had was acted on. */
const settled = (harness: BillingHarness) =>
  until('the ending has been seen', async () => {
    const where = { name_context: { name: 'billing.hold-settlement', context: 'resources' } };
    const checkpoint = await harness.database.prisma.checkpoint.findUnique({ where });
    return checkpoint?.position === (await harness.history('resources').head());
  });

const metered = ({ database }: BillingHarness, count: number) =>
  until('the allocations are metered', async () => (await database.prisma.usage.count()) === count);

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
  await metered(harness, 1);
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
  await settled(harness);
  expect(await stateOf(harness, holdId)).toMatchObject({ live: true });
  await closeAllocation(harness, second, new Date(Date.now() + 1_000));
  await settled(harness);
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
  await settled(harness);
  expect(await stateOf(harness, holdId)).toMatchObject({ live: true });
});

test('a hold is renewed for the next hour at what its owner has open then', async () => {
  await using harness = await startBilling();
  await longStandingPrices(harness);
  const projectId = await addProject(harness);
  await budgetOf(harness, projectId, '100');
  const { holdId } = await place(harness, 'instance_1', projectId, '5.98');
  await openAllocation(harness, { ownerId: 'instance_1', projectId, from: new Date() });
  await metered(harness, 1);
  const inAnHour = Date.now() + 3_500_000;
  expect(await look(harness, holdId)).toBeGreaterThan(inAnHour);
  expect(await historyOf(harness, holdId)).toEqual(['HoldPlaced']);
  await makeOver(harness, holdId);
  expect(await look(harness, holdId)).toBeGreaterThan(inAnHour);
  expect(await historyOf(harness, holdId)).toEqual(['HoldPlaced', 'HoldRenewed']);
  expect(await stateOf(harness, holdId)).toMatchObject({ live: true, amount: '2.99', refused: null });
});

test('a renewal that does not fit is refused, is stored, and stops nothing', async () => {
  await using harness = await startBilling();
  await longStandingPrices(harness);
  const projectId = await addProject(harness);
  const budgetId = await budgetOf(harness, projectId, '3');
  const { holdId } = await place(harness, 'instance_1', projectId, '2.99');
  await useDevices(harness, { ownerId: 'instance_2', projectId });
  await openAllocation(harness, { ownerId: 'instance_1', projectId, from: new Date() });
  await metered(harness, 2);
  await makeOver(harness, holdId);
  expect(await look(harness, holdId)).toBeGreaterThan(Date.now());
  expect(await stateOf(harness, holdId)).toMatchObject({ live: true, refused: { need: '2.99' } });
  expect(await historyOf(harness, holdId)).toEqual(['HoldPlaced', 'HoldRenewalRefused']);
  const [, refused] = await harness.history('billing').readStream(holdId);
  expect(refused?.data).toMatchObject({ id: holdId, need: '2.99', budgetId });
});

test('an unconfirmed hold lapses, a confirmed one does not', async () => {
  await using harness = await startBilling();
  const projectId = await addProject(harness);
  const unconfirmed = await place(harness, 'instance_1', projectId, '1');
  const confirmed = await place(harness, 'instance_2', projectId, '1');
  const ofAJob = await place(harness, 'job_1', projectId, '1', { seconds: 86_400 });
  await openAllocation(harness, { ownerId: 'instance_2', projectId, from: new Date() });
  for (const { holdId } of [confirmed, unconfirmed, ofAJob]) await look(harness, holdId);
  for (const { holdId } of [unconfirmed, ofAJob]) {
    expect(await stateOf(harness, holdId)).toMatchObject({ live: false, releaseReason: 'LAPSED' });
    expect(await dueAt(harness, holdId)).toBeUndefined();
  }
  expect(await stateOf(harness, confirmed.holdId)).toMatchObject({ live: true });
});

test('a job’s hold is for its whole run: it is not renewed, and what runs past it is spent all the same', async () => {
  await using harness = await startBilling();
  await longStandingPrices(harness);
  const projectId = await addProject(harness);
  await budgetOf(harness, projectId, '100');
  const { holdId } = await place(harness, 'job_1', projectId, '5.98', { seconds: 7_200 });
  expect(await harness.app.calls.budgetStatus({ projectId })).toMatchObject({ held: '5.98' });
  const from = new Date(Date.now() - 3 * 3_600_000);
  const allocation = await openAllocation(harness, { ownerId: 'job_1', projectId, from });
  await metered(harness, 1);
  expect(await look(harness, holdId)).toBeGreaterThan(Date.now() + 7_000_000);
  // Three hours in, an hour longer than it may run: stopping takes a while.
  await harness.database.prisma.budgetHold.update({
    where: { id: holdId },
    data: { state: { ...((await stateOf(harness, holdId)) as object), since: from.toISOString() } },
  });
  await makeOver(harness, holdId);
  expect(await look(harness, holdId)).toBeGreaterThan(Date.now());
  expect(await historyOf(harness, holdId)).toEqual(['HoldPlaced']);
  const status = await harness.app.calls.budgetStatus({ projectId });
  expect(Number(status?.spent)).toBeGreaterThan(8.96);
  expect(status).toMatchObject({ held: '0' });
  await closeAllocation(harness, allocation, new Date());
  await settled(harness);
  expect(await stateOf(harness, holdId)).toMatchObject({ live: false, releaseReason: 'ENDED' });
  expect(await dueAt(harness, holdId)).toBeUndefined();
});

test('each attempt of a job has a hold of its own, whether or not the one before was settled yet', async () => {
  await using harness = await startBilling();
  const projectId = await addProject(harness);
  await budgetOf(harness, projectId, '10');
  const attempt = () => place(harness, 'job_1', projectId, '6', { seconds: 600 });
  const holds = new Set<string>();
  for (let count = 1; count <= 3; count++) {
    const [{ holdId }, repeat] = await Promise.all([attempt(), attempt()]);
    expect(repeat).toEqual({ holdId });
    holds.add(holdId);
    const allocation = await openAllocation(harness, { ownerId: 'job_1', projectId, from: new Date() });
    expect(await attempt()).toEqual({ holdId });
    await closeAllocation(harness, allocation, new Date());
    if (count === 1) await settled(harness);
    if (count === 2) await harness.app.calls.releaseHold({ ownerId: 'job_1', reason: 'ENDED' }, origin);
  }
  const last = await attempt();
  expect(holds.add(last.holdId).size).toBe(4);
  await settled(harness);
  expect(await stateOf(harness, last.holdId)).toMatchObject({ live: true });
  const live = await harness.database.prisma.budgetHold.findMany({ where: { live: true } });
  expect(live.map(({ id }) => id)).toEqual([last.holdId]);
  expect(await harness.app.calls.budgetStatus({ projectId })).toMatchObject({ held: '6' });
});

test('from a threshold that blocks on nothing new is held, while what runs is renewed', async () => {
  await using harness = await startBilling();
  await longStandingPrices(harness);
  const projectId = await addProject(harness);
  const thresholds = [{ percent: 20, action: 'BLOCK_NEW' }];
  dataOf(await createBudget(harness.as(finops()), projectId, '10', { thresholds }));
  const { holdId } = await place(harness, 'instance_1', projectId, '2.99');
  await openAllocation(harness, { ownerId: 'instance_1', projectId, from: new Date(Date.now() - 3_600_000) });
  await metered(harness, 1);
  expect(await harness.app.calls.budgetStatus({ projectId })).toMatchObject({ limit: '10', blocked: true });
  expect(await refusalOf(place(harness, 'job_1', projectId, '0.01', { seconds: 60 }))).toMatchObject({
    code: 'BUDGET_EXCEEDED',
    details: { need: '0.01', free: '0', limit: '10' },
  });
  await makeOver(harness, holdId);
  await look(harness, holdId);
  expect(await historyOf(harness, holdId)).toEqual(['HoldPlaced', 'HoldRenewed']);
});

test('however many budgets count, a hold takes eight statements at most and a look at the money two', async () => {
  await using harness = await startBilling();
  await longStandingPrices(harness);
  const lone = await addProject(harness);
  await budgetOf(harness, lone, '100');
  let below: string | null = null;
  for (let depth = 0; depth < 4; depth++) {
    below = await addProject(harness, below);
    await budgetOf(harness, below, '100');
    await useDevices(harness, { ownerId: `instance_${depth}`, projectId: below });
  }
  const deep = below ?? '';
  const look = (projectId: string) => harness.app.calls.budgetStatus({ projectId });
  for (const projectId of [lone, deep]) expect(await look(projectId)).toMatchObject({ limit: '100' });
  for (const [projectId, ownerId] of [
    [lone, 'instance_a'],
    [deep, 'instance_b'],
  ] as const) {
    // Seven, and the look of who announces what was stored.
    const placed = await harness.count(() => place(harness, ownerId, projectId, '1'));
    const looked = await harness.count(() => look(projectId));
    expect(placed.statements).toBeGreaterThan(0);
    expect(placed.statements).toBeLessThanOrEqual(8);
    expect(looked.statements).toBeLessThanOrEqual(2);
  }
});
