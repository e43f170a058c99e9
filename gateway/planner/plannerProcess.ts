import { QueryPlanner } from '@graphql-hive/router-query-planner';
import type { FromPlanner, ToPlanner } from './plannerMessages.js';

// The Rust planner lives in a process of its own, because a panic in it aborts the whole process.
const NO_LABELS = new Set<string>();
const PERCENTAGE = 50;
let planner: QueryPlanner | undefined;

process.on('message', (message: ToPlanner) => process.send?.(answer(message)));
process.on('disconnect', () => process.exit());

function answer(message: ToPlanner): FromPlanner {
  try {
    if (message.type === 'load') {
      planner = new QueryPlanner(message.supergraphSdl);
      return { type: 'loaded', consumerSchema: planner.consumerSchema };
    }
    if (!planner) return { type: 'refused', reason: 'no supergraph is loaded' };
    const plan = planner.plan(message.document, message.operationName, NO_LABELS, PERCENTAGE);
    return { type: 'planned', plan: JSON.stringify(plan) };
  } catch (error) {
    return { type: 'refused', reason: String(error) };
  }
}
