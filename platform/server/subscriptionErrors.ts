import type { ExecutionResult } from 'graphql';
import { maskError } from '../graphql/maskedErrors.js';
import type { SubgraphResponse } from './subgraph.js';

/** The masks of queries, for an event of a subscription: Apollo Server does not run those. */
export function formatSubscriptionError(
  { data, errors }: ExecutionResult,
  report: (error: unknown, id: string) => void,
): SubgraphResponse {
  return {
    ...(data !== undefined && { data: data as Record<string, unknown> | null }),
    ...(errors && { errors: errors.map((error) => maskError(error.toJSON(), error, report)) }),
  } as SubgraphResponse;
}
