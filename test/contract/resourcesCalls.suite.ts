import { expect, test } from 'vitest';
import type { ResourcesCalls } from '../../contracts/calls.js';

export const MODEL = 'h100-sxm5-80gb';

/** Resources, however they run: project `vision` may have 16 of 16 devices of MODEL, on two nodes, at 2.99 USD an hour. */
export interface ResourcesUnderTest extends AsyncDisposable {
  readonly calls: ResourcesCalls;
}

type Ask = Parameters<ResourcesCalls['planDeployment']>[0];

/** What those who deploy models may expect of resources. */
export function resourcesCallsContract(name: string, start: () => Promise<ResourcesUnderTest>): void {
  const ask = (more: Partial<Ask> = {}): Ask => ({
    projectId: 'vision',
    gpu: { modelIn: [MODEL], count: 2 },
    replicas: { min: 2, max: 4 },
    request: { name: 'answers' },
    planHash: null,
    ...more,
  });

  test(`${name}: a plan says what the least number of replicas costs, and stays the same while nothing changes`, async () => {
    await using resources = await start();
    const plan = await resources.calls.planDeployment(ask());
    expect(plan).toEqual({
      planHash: expect.stringMatching(/^[0-9a-f]{64}$/),
      policyVersion: expect.any(String),
      rules: [],
      estimate: { perHour: '11.96', total: null, currency: 'USD', priceBookVersion: expect.any(String) },
      quota: [{ gpuModelId: MODEL, nominal: 16, used: 0, requested: 4 }],
    });
    expect(await resources.calls.planDeployment(ask({ planHash: plan.planHash }))).toEqual(plan);
    const other = await resources.calls.planDeployment(ask({ request: { name: 'questions' } }));
    expect(other.planHash).not.toBe(plan.planHash);
  });

  test(`${name}: a plan names the rules that ask for an approval`, async () => {
    await using resources = await start();
    const { rules } = await resources.calls.planDeployment(ask({ replicas: { min: 3, max: 3 } }));
    expect(rules).toEqual([{ rule: expect.any(String), reason: expect.any(String) }]);
  });

  test(`${name}: what an instance would be refused is refused alike, the first fault first`, async () => {
    await using resources = await start();
    const { calls } = resources;
    const tooMany = { replicas: { min: 9, max: 9 } };
    await expect(calls.planDeployment(ask({ planHash: 'another', ...tooMany }))).rejects.toMatchObject({
      extensions: { code: 'PLAN_STALE', details: { plan: { planHash: expect.any(String) } } },
    });
    await expect(calls.planDeployment(ask(tooMany))).rejects.toMatchObject({
      extensions: {
        code: 'QUOTA_EXCEEDED',
        details: { gpuModelId: MODEL, need: 18, free: 16, nominal: 16, projectId: 'vision' },
      },
    });
    const tooLarge = { gpu: { modelIn: [MODEL], count: 9 }, replicas: { min: 1, max: 1 } };
    await expect(calls.planDeployment(ask(tooLarge))).rejects.toMatchObject({
      extensions: { code: 'UNSATISFIABLE', details: { gpuModelId: MODEL, need: 9 } },
    });
    await expect(calls.planDeployment(ask({ projectId: 'nowhere' }))).rejects.toMatchObject({
      extensions: { code: 'NOT_FOUND' },
    });
  });
}
