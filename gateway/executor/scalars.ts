import { isScalarType, valueFromASTUntyped, type GraphQLScalarType, type GraphQLSchema } from 'graphql';

/**
 * Lets the schema refuse bad input values of scalars that a supergraph only names. A value that passes is kept as
 * the client wrote it, because a subgraph is to read it next. What subgraphs answer is never touched.
 */
export function adoptScalars(
  schema: GraphQLSchema,
  scalars: Readonly<Record<string, GraphQLScalarType>>,
): void {
  for (const [name, scalar] of Object.entries(scalars)) {
    const named = schema.getType(name);
    if (!isScalarType(named)) continue;
    named.parseValue = (value) => {
      scalar.parseValue(value);
      return value;
    };
    named.parseLiteral = (node, variables) => {
      scalar.parseLiteral(node, variables);
      return valueFromASTUntyped(node, variables);
    };
  }
}
