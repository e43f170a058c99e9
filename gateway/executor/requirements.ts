import { Kind, parse, type DocumentNode, type FieldDefinitionNode } from 'graphql';
import { stringArgument } from './directives.js';

/** The fields of other subgraphs that a subgraph must be told before it can answer for a field (`@requires`). */
export type Requirements = (subgraph: string, type: string, field: string) => ReadonlySet<string>;

export function readRequirements(supergraph: DocumentNode): Requirements {
  const graphNames = readGraphNames(supergraph);
  const required = new Map<string, Set<string>>();
  for (const type of supergraph.definitions) {
    if (type.kind !== Kind.OBJECT_TYPE_DEFINITION && type.kind !== Kind.INTERFACE_TYPE_DEFINITION) continue;
    for (const field of type.fields ?? []) {
      for (const { graph, fields } of readRequires(field)) {
        required.set(keyOf(graphNames.get(graph) ?? graph, type.name.value, field.name.value), fields);
      }
    }
  }
  return (subgraph, type, field) => required.get(keyOf(subgraph, type, field)) ?? NOTHING;
}

const NOTHING: ReadonlySet<string> = new Set();

const keyOf = (subgraph: string, type: string, field: string) => `${subgraph} ${type} ${field}`;

function readRequires(field: FieldDefinitionNode) {
  return (field.directives ?? []).flatMap((directive) => {
    const graph = stringArgument(directive, 'graph');
    const requires = stringArgument(directive, 'requires');
    return directive.name.value === 'join__field' && graph && requires
      ? [{ graph, fields: topLevelFields(requires) }]
      : [];
  });
}

function topLevelFields(fieldSet: string): Set<string> {
  const names = new Set<string>();
  for (const definition of parse(`{${fieldSet}}`, { noLocation: true }).definitions) {
    if (definition.kind !== Kind.OPERATION_DEFINITION) continue;
    const open = [...definition.selectionSet.selections];
    for (let next = open.pop(); next; next = open.pop()) {
      if (next.kind === Kind.FIELD) names.add(next.name.value);
      else if (next.kind === Kind.INLINE_FRAGMENT) open.push(...next.selectionSet.selections);
    }
  }
  return names;
}

/** `@join__field` names a subgraph by its enum value, plans by its name. */
function readGraphNames(supergraph: DocumentNode): Map<string, string> {
  const names = new Map<string, string>();
  for (const definition of supergraph.definitions) {
    if (definition.kind !== Kind.ENUM_TYPE_DEFINITION || definition.name.value !== 'join__Graph') continue;
    for (const { name, directives = [] } of definition.values ?? [])
      for (const directive of directives)
        names.set(name.value, stringArgument(directive, 'name') ?? name.value);
  }
  return names;
}
