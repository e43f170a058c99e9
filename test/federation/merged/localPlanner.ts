import { QueryPlanner } from '@graphql-hive/router-query-planner';
import { planningFailed } from '../../../gateway/errors.js';
import type { Planner } from '../../../gateway/planner/planner.js';

/** The planner without its process: tests of the executor plan only what is known not to kill it. */
export function startLocalPlanner(supergraphSdl: string): Promise<Planner> {
  const planner = new QueryPlanner(supergraphSdl);
  return Promise.resolve({
    consumerSchema: planner.consumerSchema,
    async plan(document, operationName) {
      try {
        return await planner.planAsync(document, operationName, new Set(), 50);
      } catch {
        throw planningFailed(false);
      }
    },
    [Symbol.asyncDispose]: () => Promise.resolve(),
  });
}
