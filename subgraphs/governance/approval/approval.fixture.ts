import { ulid } from 'ulid';
import type { ApprovalAsk } from '../../../contracts/approval.js';

/** What resources ask when somebody wants eight GPUs. */
export const approvalAsked = (more: Partial<ApprovalAsk> = {}): ApprovalAsk => ({
  approvalId: `approval_${ulid()}`,
  action: 'REQUEST_INSTANCE',
  target: { type: 'Instance', id: `instance_${ulid()}`, name: 'train-large' },
  planHash: 'a'.repeat(64),
  reason: 'The paper is due.',
  policyVersion: 'shipped-1',
  rules: [{ rule: 'gpus-above-4', reason: 'More than 4 GPUs in one request.' }],
  estimate: { perHour: '23.92', total: null, currency: 'USD', priceBookVersion: 'book-1' },
  quota: [{ gpuModelId: 'h100-sxm5-80gb', nominal: 16, used: 0, requested: 8 }],
  expiresAt: new Date(Date.now() + 7 * 24 * 3_600_000).toISOString(),
  ...more,
});
