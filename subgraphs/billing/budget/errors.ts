import { PublicError } from '../../../platform/errors.js';

export const budgetExceeded = (facts: {
  budgetId: string;
  need: string;
  free: string;
  limit: string;
  spent: string;
  held: string;
  currency: string;
}) =>
  new PublicError(
    'BUDGET_EXCEEDED',
    `${facts.need} ${facts.currency} are needed, and ${facts.free} ${facts.currency} of the budget are free`,
    'Ask for less, release what is held, or ask FinOps for a larger budget.',
    facts,
  );

export const budgetExists = (projectId: string, period: string, budgetId: string) =>
  new PublicError(
    'BUDGET_EXISTS',
    `Project ${projectId} has a budget for each ${period} already`,
    'Change the amount of that budget.',
    { projectId, period, budgetId },
  );
