import { executeSync, type FieldNode } from 'graphql';
import type { Execution } from './execution.js';
import type { ValidDocument } from './document.js';
import { keepRootFields } from './rootFields.js';
import type { SelectedField, Selecting } from './selectedFields.js';

/** `__typename` is written from the schema, `__schema` and `__type` are answered by graphql-js: no plan knows them. */
export const isMeta = ({ name }: FieldNode) => name.value.startsWith('__');

const isIntrospection = (field: FieldNode) => isMeta(field) && field.name.value !== '__typename';

/** Adds the schema's own description to the execution's data. */
export type Introspect = (execution: Execution) => void;

/** Null for a document that does not ask what the schema looks like. */
export function compileIntrospection(
  valid: ValidDocument,
  selected: readonly SelectedField[],
  { schema, variables }: Selecting,
): Introspect | null {
  const fields = selected.filter(({ node }) => isIntrospection(node));
  const document = keepRootFields(valid, variables, isIntrospection);
  if (!document || fields.length === 0) return null;
  return (execution) => {
    const answer = executeSync({ schema, document, variableValues: execution.variables });
    for (const { key, dataKey } of fields) execution.data[dataKey] = answer.data?.[key];
  };
}
