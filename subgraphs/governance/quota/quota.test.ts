import { expect, test } from 'vitest';
import { decideSetQuota, NOMINAL_MAX, quotaId } from './quota.js';

const quota = { projectId: 'project_1', gpuModelId: 'h100-sxm5-80gb', nominal: 8 };
const withCode = (code: string) => expect.objectContaining({ extensions: expect.objectContaining({ code }) });

test('a quota lives in the stream of its project and model, so that two who set it meet there', () => {
  expect(decideSetQuota(quota)).toEqual([
    { type: 'QuotaSet', data: { id: 'quota_1_h100-sxm5-80gb', ...quota } },
  ]);
  expect(quotaId('project_1', 'a100-sxm4-80gb')).not.toBe(quotaId('project_1', 'h100-sxm5-80gb'));
});

test('a quota is a whole number from 0 to the bound', () => {
  for (const nominal of [0, NOMINAL_MAX]) expect(decideSetQuota({ ...quota, nominal })).toHaveLength(1);
  for (const nominal of [-1, 0.5, NOMINAL_MAX + 1, Number.NaN])
    expect(() => decideSetQuota({ ...quota, nominal })).toThrow(withCode('BAD_USER_INPUT'));
});
