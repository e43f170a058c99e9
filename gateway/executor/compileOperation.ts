import type { QueryPlan } from '@graphql-hive/router-query-planner';
import type { FieldNode, OperationTypeNode, VariableDefinitionNode } from 'graphql';
import { compilePlan, type Step, type SubscriptionSource } from './compilePlan.js';
import type { ValidDocument } from './document.js';
import { compileIntrospection, isMeta } from './introspection.js';
import { createProjector, type WriteFields } from './projection.js';
import { keepRootFields } from './rootFields.js';
import { selectFields, type SelectedField } from './selectedFields.js';
import type { Supergraph } from './supergraph.js';

/** An operation ready to run any number of times. */
export interface Operation {
  readonly kind: OperationTypeNode;
  readonly variableDefinitions: readonly VariableDefinitionNode[];
  /** Run one after the other: a query has one, a mutation one for each root field, so that they never overlap. */
  readonly parts: readonly OperationPart[];
}

export interface OperationPart {
  readonly source: SubscriptionSource | null;
  readonly run: Step;
  readonly write: WriteFields;
}

/** Asks for the plan of a document. Fails with a `PublicError` where there is none. */
export type Plan = (document: string) => Promise<QueryPlan>;

export async function compileOperation(
  valid: ValidDocument,
  supergraph: Supergraph,
  plan: Plan,
): Promise<Operation> {
  const { operation, fragments, rootType } = valid;
  const { api } = supergraph;
  const projector = createProjector(api, fragments);
  const selected = selectFields(api, fragments, rootType, [
    { conditions: [], selectionSet: operation.selectionSet },
  ]);
  const introspect = compileIntrospection(api, valid);
  const groups: SelectedField[][] =
    operation.operation === 'mutation' ? selected.map((field) => [field]) : [selected];

  async function compilePart(fields: readonly SelectedField[]): Promise<OperationPart> {
    const keys = new Set(fields.map(({ key }) => key));
    const text = keepRootFields(valid, (field) => !isMeta(field) && keys.has(keyOf(field)));
    const { source, run } = compilePlan(text === null ? EMPTY : await plan(text), supergraph);
    return {
      source,
      run: introspect
        ? async (execution) => void (await Promise.all([introspect(execution), run(execution)]))
        : run,
      write: projector.compileRoot(rootType, fields),
    };
  }

  return {
    kind: operation.operation,
    variableDefinitions: operation.variableDefinitions ?? [],
    parts: await Promise.all(groups.map(compilePart)),
  };
}

const EMPTY: QueryPlan = { kind: 'QueryPlan' };

const keyOf = ({ alias, name }: FieldNode) => alias?.value ?? name.value;
