import type { BudgetStatus } from '../../../contracts/calls.js';
import type { PlanInput } from '../../../contracts/plan.js';
import type { Prices } from './facts.repository.js';

/** What a job's plan rests on: the parts of `assess`'s input (contracts/plan.ts) that are facts. */
export type PlanFacts = Pick<PlanInput, 'models'> & { prices: Prices | null; budget: BudgetStatus | null };

/**
 * What is known now of each of the models, in the order of `modelIn`: limits, use, price, and devices for a job, which
 * may lie on several nodes. NOT_FOUND for a project that nobody created.
 */
export type ReadPlanFacts = (
  projectId: string,
  gpu: { modelIn: readonly string[]; count: number },
) => Promise<PlanFacts>;
