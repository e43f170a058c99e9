import { executeSync, parse, type FieldNode, type GraphQLSchema } from 'graphql';
import type { Step } from './compilePlan.js';
import type { ValidDocument } from './document.js';
import { keepRootFields } from './rootFields.js';

/** `__typename` is written from the schema, `__schema` and `__type` are answered by graphql-js: no plan knows them. */
export const isMeta = ({ name }: FieldNode) => name.value.startsWith('__');

const isIntrospection = (field: FieldNode) => isMeta(field) && field.name.value !== '__typename';

/** Null for a document that does not ask what the schema looks like. */
export function compileIntrospection(schema: GraphQLSchema, valid: ValidDocument): Step | null {
  const text = keepRootFields(valid, isIntrospection);
  if (text === null) return null;
  const document = parse(text, { noLocation: true });
  return async ({ data, variables }) => {
    const answer = executeSync({ schema, document, variableValues: variables });
    Object.assign(data, answer.data);
  };
}
