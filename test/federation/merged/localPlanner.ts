import { QueryPlanner } from '@graphql-hive/router-query-planner';
import type { Planner } from '../../../gateway/planner/planner.js';

/** The planner without its process: tests of the executor plan only what is known not to kill it. */
export function startLocalPlanner(supergraphSdl: string): Promise<Planner> {
  const planner = new QueryPlanner(supergraphSdl);
  return Promise.resolve({
    consumerSchema: planner.consumerSchema,
    async plan(document, operationName) {
      try {
        return await planner.planAsync(document, operationName, new Set(), 50);
      } catch (error) {
        throw new Error(`no plan for ${document}`, { cause: error });
      }
    },
    [Symbol.asyncDispose]: () => Promise.resolve(),
  });
}
