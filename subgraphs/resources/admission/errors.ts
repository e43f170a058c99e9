import type { MoneyNeed, QuotaCell } from '../../../contracts/admission.js';
import { PublicError } from '../../../platform/errors.js';

export const quotaExceeded = (cell: QuotaCell, need: number, free: number) =>
  new PublicError(
    'QUOTA_EXCEEDED',
    `Project ${cell.projectId} has ${free} of ${cell.nominal} GPUs of ${cell.gpuModelId} left, not ${need}`,
    'Ask for fewer GPUs, stop something, or ask an administrator for more quota in the named project.',
    { gpuModelId: cell.gpuModelId, need, free, nominal: cell.nominal, projectId: cell.projectId },
  );

export const budgetExceeded = (
  { need, free }: MoneyNeed,
  budget: { budgetId: string; limit: string; spent: string; held: string; currency: string },
) =>
  new PublicError(
    'BUDGET_EXCEEDED',
    `The budget has ${free} ${budget.currency} left, not ${need}`,
    'Ask for less, wait for the next period, or ask for a larger budget.',
    { ...budget, need, free },
  );

export const unsatisfiable = (gpuModelId: string, need: number, largestNode: number) =>
  new PublicError(
    'UNSATISFIABLE',
    `There is room for ${largestNode} GPUs of ${gpuModelId} at most, not for ${need}`,
    'Instances and replicas each run on one node: ask for fewer GPUs, or for another model.',
    { gpuModelId, need, largestNode },
  );

export const capacityExhausted = (gpuModelId: string, need: number, free: number) =>
  new PublicError(
    'CAPACITY_EXHAUSTED',
    `There is no room for ${need} GPUs of ${gpuModelId} now; ${free} are free in the fleet`,
    'Try again later, ask for fewer GPUs, or name more models.',
    { gpuModelId, need, free },
    true,
  );
