import {
  GraphQLError,
  Kind,
  parse,
  specifiedRules,
  validate,
  type ASTVisitor,
  type DocumentNode,
  type FragmentDefinitionNode,
  type GraphQLObjectType,
  type GraphQLSchema,
  type OperationDefinitionNode,
  type ValidationContext,
} from 'graphql';
import { requestFaults, type RequestError } from './requestErrors.js';
import type { Fragments } from './selectedFields.js';

/** A document that is valid for the API schema, and the one operation of it that is to run. */
export interface ValidDocument {
  readonly document: DocumentNode;
  readonly operation: OperationDefinitionNode;
  readonly fragments: Fragments;
  readonly rootType: GraphQLObjectType;
}

export type ReadDocument = { valid: ValidDocument } | { errors: readonly RequestError[] };

export function readDocument(
  schema: GraphQLSchema,
  query: string,
  operationName: string | null | undefined,
): ReadDocument {
  let document: DocumentNode;
  try {
    document = parse(query);
  } catch (error) {
    return { errors: requestFaults('GRAPHQL_PARSE_FAILED', [error]) };
  }
  const refused = validate(schema, document, RULES);
  if (refused.length > 0) return { errors: requestFaults('GRAPHQL_VALIDATION_FAILED', refused) };
  const operation = selectOperation(document, operationName);
  if (operation instanceof GraphQLError)
    return { errors: requestFaults('OPERATION_RESOLUTION_FAILURE', [operation]) };
  const rootType = schema.getRootType(operation.operation);
  if (!rootType) return { errors: requestFaults('GRAPHQL_VALIDATION_FAILED', [noRootType(operation)]) };
  const fragments = new Map<string, FragmentDefinitionNode>();
  for (const definition of document.definitions)
    if (definition.kind === Kind.FRAGMENT_DEFINITION) fragments.set(definition.name.value, definition);
  return { valid: { document, operation, fragments, rootType } };
}

/** GraphQL reserves these names, and an alias `__typename` or `__proto__` would mean something to the executor. */
function noReservedAliases(context: ValidationContext): ASTVisitor {
  return {
    Field({ alias }) {
      if (alias?.value.startsWith('__'))
        context.reportError(
          new GraphQLError(`Alias "${alias.value}" must not begin with "__", which is reserved.`, {
            nodes: alias,
          }),
        );
    },
  };
}

const RULES = [...specifiedRules, noReservedAliases];

function selectOperation(
  document: DocumentNode,
  name: string | null | undefined,
): OperationDefinitionNode | GraphQLError {
  const operations = document.definitions.filter(
    ({ kind }) => kind === Kind.OPERATION_DEFINITION,
  ) as OperationDefinitionNode[];
  const named = name ? operations.filter((operation) => operation.name?.value === name) : operations;
  const [operation] = named;
  if (operation && named.length === 1) return operation;
  if (!operation)
    return new GraphQLError(name ? `Unknown operation named "${name}".` : 'There is no operation.');
  return new GraphQLError('The document holds several operations: operationName must name one.');
}

const noRootType = (operation: OperationDefinitionNode) =>
  new GraphQLError(`The schema has no ${operation.operation} type.`, { nodes: operation });
