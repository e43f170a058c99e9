import type { ModelFacts } from '../../../contracts/admission.js';
import type { BudgetStatus } from '../../../contracts/calls.js';
import type { Assessment } from '../../../contracts/plan.js';
import { budgetExceeded, capacityExhausted, quotaExceeded, unsatisfiable } from './errors.js';

/** The model that a request gets; throws what it is refused with if none fits. */
export function refuse(
  { verdict, budget }: Pick<Assessment, 'verdict'> & { budget: BudgetStatus | null },
  count: number,
): ModelFacts {
  if (verdict.feasible) return verdict.model;
  const [obstacle] = verdict.obstacles;
  switch (obstacle.code) {
    case 'QUOTA':
      throw quotaExceeded(obstacle.cell, count, obstacle.free);
    case 'BUDGET':
      throw budgetExceeded(obstacle.money, budget as BudgetStatus);
    case 'NO_MATCHING_DEVICE':
      throw unsatisfiable(obstacle.gpuModelId, count, obstacle.largestEver);
    case 'CAPACITY':
      throw capacityExhausted(obstacle.gpuModelId, count, obstacle.free);
  }
}
