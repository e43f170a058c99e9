import { randomUUID } from 'node:crypto';
import { expect, test } from 'vitest';
import type { BillingCalls } from '../../contracts/calls.js';

/** Billing, however it runs, with a project of its own for each test. */
export interface BillingUnderTest extends AsyncDisposable {
  readonly calls: BillingCalls;
  addProject(): Promise<string>;
  setBudget(projectId: string, limit: string): Promise<void>;
}

const origin = { actorId: 'user_1', requestId: 'request_1', correlationId: 'correlation_1' };

/** What those who give devices may expect of billing. */
export function billingCallsContract(name: string, start: () => Promise<BillingUnderTest>): void {
  const hold = (projectId: string, amount: string, ownerId = `instance_${randomUUID()}`) => ({
    ownerId,
    projectId,
    amount,
    currency: 'USD',
  });

  test(`${name}: without a budget nothing is refused, and there is no status`, async () => {
    await using billing = await start();
    const projectId = await billing.addProject();
    expect(await billing.calls.budgetStatus({ projectId })).toBeNull();
    expect(await billing.calls.placeHold(hold(projectId, '1000000'), origin)).toEqual({
      holdId: expect.any(String),
    });
  });

  test(`${name}: what is held counts until it is released, to the last digit`, async () => {
    await using billing = await start();
    const { calls } = billing;
    const projectId = await billing.addProject();
    await billing.setBudget(projectId, '5.98');
    const first = hold(projectId, '2.99');
    await calls.placeHold(first, origin);
    await calls.placeHold(hold(projectId, '2.99'), origin);
    const third = hold(projectId, '0.000001');
    await expect(calls.placeHold(third, origin)).rejects.toMatchObject({
      extensions: {
        code: 'BUDGET_EXCEEDED',
        details: { need: '0.000001', free: '0', limit: '5.98', spent: '0', held: '5.98', currency: 'USD' },
      },
    });
    await calls.releaseHold({ ownerId: first.ownerId, reason: 'NOT_ADMITTED' }, origin);
    await calls.placeHold(third, origin);
    expect(await calls.budgetStatus({ projectId })).toMatchObject({
      limit: '5.98',
      spent: '0',
      held: '2.990001',
    });
  });

  test(`${name}: an owner has one hold, however often it asks`, async () => {
    await using billing = await start();
    const { calls } = billing;
    const projectId = await billing.addProject();
    await billing.setBudget(projectId, '5');
    const wish = hold(projectId, '2.99');
    const holds = await Promise.all(Array.from({ length: 5 }, () => calls.placeHold(wish, origin)));
    expect(new Set(holds.map(({ holdId }) => holdId)).size).toBe(1);
    expect(await calls.budgetStatus({ projectId })).toMatchObject({ held: '2.99' });
  });

  test(`${name}: a whole run’s money is held at once, and the owner’s next attempt has a hold of its own`, async () => {
    await using billing = await start();
    const { calls } = billing;
    const projectId = await billing.addProject();
    await billing.setBudget(projectId, '100');
    const wish = { ...hold(projectId, '71.76', `job_${randomUUID()}`), seconds: 86_400 };
    const { holdId } = await calls.placeHold(wish, origin);
    expect(await calls.placeHold(wish, origin)).toEqual({ holdId });
    expect(await calls.budgetStatus({ projectId })).toMatchObject({ held: '71.76' });
    await expect(
      calls.placeHold({ ...hold(projectId, '30', `job_${randomUUID()}`), seconds: 60 }, origin),
    ).rejects.toMatchObject({ extensions: { code: 'BUDGET_EXCEEDED', details: { free: '28.24' } } });
    await calls.releaseHold({ ownerId: wish.ownerId, reason: 'ENDED' }, origin);
    const again = await calls.placeHold(wish, origin);
    expect(again.holdId).not.toBe(holdId);
  });

  test(`${name}: a hold that is named is released, and no later one of its owner`, async () => {
    await using billing = await start();
    const { calls } = billing;
    const projectId = await billing.addProject();
    await billing.setBudget(projectId, '5');
    const wish = hold(projectId, '2.99');
    const { ownerId } = wish;
    const { holdId } = await calls.placeHold(wish, origin);
    await calls.releaseHold({ ownerId, holdId, reason: 'NOT_ADMITTED' }, origin);
    const { holdId: later } = await calls.placeHold(wish, origin);
    await calls.releaseHold({ ownerId, holdId, reason: 'NOT_ADMITTED' }, origin);
    expect(await calls.placeHold(wish, origin)).toEqual({ holdId: later });
  });

  test(`${name}: releasing what is not held is no error`, async () => {
    await using billing = await start();
    await billing.calls.releaseHold({ ownerId: 'instance_none', reason: 'NOT_ADMITTED' }, origin);
  });
}
