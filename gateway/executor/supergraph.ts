import {
  buildASTSchema,
  Kind,
  parse,
  printSchema,
  type DefinitionNode,
  type DocumentNode,
  type GraphQLScalarType,
  type GraphQLSchema,
} from 'graphql';
import { PublicError } from '../../platform/errors.js';
import { stringArgument } from './directives.js';
import { readRequirements, type Requirements } from './requirements.js';
import { adoptScalars } from './scalars.js';

/** What the executor knows of a supergraph, read once. */
export interface Supergraph {
  /** The schema that clients see. */
  readonly api: GraphQLSchema;
  readonly apiSdl: string;
  readonly subgraphs: readonly { name: string; url: string }[];
  /**
   * Whether an object of type `name` is a `condition`: the same type, or one of the interface or union. Where only one
   * type is possible nobody asks for its name: an object without one meets every condition.
   */
  isA(name: unknown, condition: string): boolean;
  readonly requirements: Requirements;
}

export function readSupergraph(
  supergraphSdl: string,
  consumerSchema: string,
  scalars: Readonly<Record<string, GraphQLScalarType>> = {},
): Supergraph {
  const document = parse(supergraphSdl, { noLocation: true });
  const api = buildASTSchema(withoutIntrospection(parse(consumerSchema, { noLocation: true })));
  adoptScalars(api, scalars);
  const members = readMembers(document);
  return {
    api,
    apiSdl: printSchema(api),
    subgraphs: readSubgraphs(document),
    isA: (name, condition) =>
      name === undefined || name === condition || (members.get(condition)?.has(name) ?? false),
    requirements: readRequirements(document),
  };
}

/** The planner prints the introspection types and the standard directives as if they were ours. */
function withoutIntrospection(document: DocumentNode): DocumentNode {
  const isOurs = (definition: DefinitionNode) =>
    !('name' in definition && definition.name) ||
    !(definition.name.value.startsWith('__') || STANDARD.has(definition.name.value));
  const definitions = document.definitions.filter(isOurs).map((definition) =>
    definition.kind === Kind.OBJECT_TYPE_DEFINITION
      ? {
          ...definition,
          fields: definition.fields?.filter(({ name }) => !name.value.startsWith('__')) ?? [],
        }
      : definition,
  );
  return { ...document, definitions };
}

const STANDARD = new Set([
  ...['Boolean', 'Float', 'ID', 'Int', 'String'],
  ...['skip', 'include', 'deprecated', 'specifiedBy', 'oneOf'],
]);

/** Object types by interface and union. Hidden types count: plans speak of them. */
function readMembers(document: DocumentNode): Map<string, Set<unknown>> {
  const members = new Map<string, Set<unknown>>();
  const add = (abstract: string, member: string) =>
    members.set(abstract, (members.get(abstract) ?? new Set()).add(member));
  for (const definition of document.definitions) {
    if (definition.kind === Kind.OBJECT_TYPE_DEFINITION || definition.kind === Kind.INTERFACE_TYPE_DEFINITION)
      for (const { name } of definition.interfaces ?? []) add(name.value, definition.name.value);
    if (definition.kind === Kind.UNION_TYPE_DEFINITION)
      for (const { name } of definition.types ?? []) add(definition.name.value, name.value);
  }
  return members;
}

function readSubgraphs(document: DocumentNode): { name: string; url: string }[] {
  const graphs = document.definitions.find(
    (definition) => definition.kind === Kind.ENUM_TYPE_DEFINITION && definition.name.value === 'join__Graph',
  );
  if (graphs?.kind !== Kind.ENUM_TYPE_DEFINITION) throw brokenSupergraph('it names no subgraphs');
  return (graphs.values ?? []).flatMap(({ directives = [] }) =>
    directives
      .filter(({ name }) => name.value === 'join__graph')
      .map((directive) => ({
        name: stringArgument(directive, 'name') ?? '',
        url: stringArgument(directive, 'url') ?? '',
      })),
  );
}

export const brokenSupergraph = (reason: string) =>
  new PublicError('BROKEN_SUPERGRAPH', `The supergraph cannot be served: ${reason}`, 'Compose it again.');
