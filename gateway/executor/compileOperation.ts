import type { QueryPlan } from '@graphql-hive/router-query-planner';
import type { OperationTypeNode } from 'graphql';
import { clientKeyOf } from './aliases.js';
import { compilePlan, type CompiledPlan } from './compilePlan.js';
import type { ValidDocument } from './document.js';
import { compileIntrospection, isMeta, type Introspect } from './introspection.js';
import { planningDocument } from './planningDocument.js';
import { createProjector, type WriteFields } from './projection.js';
import { keepRootFields } from './rootFields.js';
import { selectFields, type SelectedField, type Selecting } from './selectedFields.js';
import type { Supergraph } from './supergraph.js';

/** An operation ready to run any number of times, for variables that select the same fields. */
export interface Operation {
  readonly kind: OperationTypeNode;
  /** Answers what asks for the schema itself. */
  readonly introspect: Introspect | null;
  /** Run one after the other: a query has one, a mutation one for each root field, so that they never overlap. */
  readonly parts: readonly OperationPart[];
}

export interface OperationPart extends CompiledPlan {
  /** Writes what the part adds to the answer. */
  readonly write: WriteFields;
}

/** Asks for the plan of a document. Fails with a `PublicError` where there is none. */
export type Plan = (document: string) => Promise<QueryPlan>;

/**
 * Compiles what the document selects when `@skip` and `@include` are decided by `variables`. Plans without conditions
 * are smaller, and the planner knows them best.
 */
export async function compileOperation(
  valid: ValidDocument,
  variables: Selecting['variables'],
  supergraph: Supergraph,
  plan: Plan,
): Promise<Operation> {
  const { operation, fragments, rootType } = valid;
  const selecting = { schema: supergraph.api, fragments, variables };
  const projector = createProjector(selecting);
  const selected = selectFields(selecting, rootType, [operation.selectionSet]);

  async function compilePart(fields: readonly SelectedField[]): Promise<OperationPart> {
    const keys = new Set(fields.filter(({ node }) => !isMeta(node)).map(({ key }) => key));
    const document = keepRootFields(valid, variables, (field) => keys.has(clientKeyOf(field)));
    const compiled = document
      ? compilePlan(await plan(planningDocument(document, variables)), supergraph)
      : NOTHING_TO_FETCH;
    return { ...compiled, write: projector.compileRoot(rootType, fields) };
  }

  const groups = operation.operation === 'mutation' ? selected.map((field) => [field]) : [selected];
  return {
    kind: operation.operation,
    introspect: compileIntrospection(valid, selected, selecting),
    parts: await Promise.all(groups.map(compilePart)),
  };
}

const NOTHING_TO_FETCH: CompiledPlan = { source: null, run: () => Promise.resolve() };
