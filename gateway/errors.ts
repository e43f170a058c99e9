import { PublicError } from '../platform/errors.js';

export const planningFailed = (retryable: boolean) =>
  new PublicError(
    'PLANNING_FAILED',
    'This operation could not be planned',
    retryable ? 'Try again in a moment.' : 'Simplify the operation, or split it in two.',
    {},
    retryable,
  );

/** A subgraph answered for an entity as if it did not exist, so it owes the fields that were asked of it. */
export const entityMissing = (subgraph: string, type: string) =>
  new PublicError(
    'NOT_FOUND',
    `${subgraph} does not know this ${type}`,
    'It may not exist, you may lack the right to see it, or it is too new: try again in a moment.',
    { subgraph, type },
  );

/** Stands for an error whose text is for operators alone; they find it in the log by `id`. */
export const masked = (id: string) =>
  new PublicError(
    'INTERNAL_SERVER_ERROR',
    'Something went wrong',
    'Try again later; if it stays, tell the operators the id in details.',
    { id },
  );

/** The caller went away, or its time is up, before the answer was complete. */
export const cancelled = () =>
  new PublicError('CANCELLED', 'The request was cancelled before this was known', 'Send it again.', {}, true);

export const deadlineExceeded = () =>
  new PublicError(
    'DEADLINE_EXCEEDED',
    'There was no time left to answer this',
    'Ask for less at once, or try again in a moment.',
    {},
    true,
  );

/** A subgraph answered null where the schema promises a value, and named no error. */
export const nullForbidden = (field: string) =>
  new PublicError(
    'INTERNAL_SERVER_ERROR',
    `Cannot return null for non-nullable field ${field}.`,
    'Leave the field out; if it stays, tell the operators.',
  );
