import { getVariableValues, type GraphQLSchema, type VariableDefinitionNode } from 'graphql';
import { requestFaults, type RequestError } from './requestErrors.js';

const ERRORS_MAX = 20;

/** The client's variables, checked, with the defaults of those that it left out. */
export function readVariables(
  schema: GraphQLSchema,
  definitions: readonly VariableDefinitionNode[],
  given: Readonly<Record<string, unknown>> | null | undefined,
): { variables: Record<string, unknown> } | { errors: readonly RequestError[] } {
  const { coerced, errors } = getVariableValues(schema, definitions, given ?? {}, { maxErrors: ERRORS_MAX });
  return coerced ? { variables: coerced } : { errors: requestFaults('BAD_USER_INPUT', errors ?? []) };
}
