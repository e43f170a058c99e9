import type { QueryPlan } from '@graphql-hive/router-query-planner';

/**
 * Plans documents for one supergraph. A document must be valid against the API schema and free of introspection:
 * the planner checks neither. Refusals are `PublicError`s with code PLANNING_FAILED.
 */
export interface Planner {
  /** The API schema as the planner prints it: with the introspection types spelled out. */
  readonly consumerSchema: string;
  plan(document: string, operationName: string | null): Promise<QueryPlan>;
  [Symbol.asyncDispose](): Promise<void>;
}

export type StartPlanner = (supergraphSdl: string) => Promise<Planner>;
