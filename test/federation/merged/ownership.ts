import { Kind, parse, type ConstDirectiveNode, type FieldDefinitionNode } from 'graphql';

/** Who can answer for what, read from the subgraphs' own SDL, by name of the subgraph. */
export interface Ownership {
  readonly entities: ReadonlySet<string>;
  /** Fields that are part of a key: a function of the entity's identity. */
  isKey(type: string, field: string): boolean;
  /** Subgraphs that resolve the field. */
  ownersOf(type: string, field: string): readonly string[];
  /** The selection that the subgraph needs to resolve the field. */
  requiresOf(subgraph: string, type: string, field: string): string | undefined;
  /** Whether some other field needs this one. */
  isRequired(type: string, field: string): boolean;
  /** Whether some subgraph answers for the field only below certain others. */
  isProvided(type: string, field: string): boolean;
  membersIn(subgraph: string, abstract: string): readonly string[];
}

export function readOwnership(sdls: Readonly<Record<string, string>>): Ownership {
  const entities = new Set<string>();
  const keys = new Set<string>();
  const owners = new Map<string, string[]>();
  const requires = new Map<string, string>();
  const required = new Set<string>();
  const externals = new Set<string>();
  const members = new Map<string, string[]>();
  const add = (map: Map<string, string[]>, key: string, item: string) =>
    map.set(key, [...(map.get(key) ?? []), item]);

  for (const [subgraph, sdl] of Object.entries(sdls)) {
    for (const definition of parse(sdl).definitions) {
      if (definition.kind === Kind.UNION_TYPE_DEFINITION)
        for (const { name } of definition.types ?? [])
          add(members, `${subgraph} ${definition.name.value}`, name.value);
      if (definition.kind !== Kind.OBJECT_TYPE_DEFINITION) continue;
      const type = definition.name.value;
      for (const { name } of definition.interfaces ?? []) add(members, `${subgraph} ${name.value}`, type);
      for (const fields of argumentsOf(definition.directives, 'key', 'fields')) {
        entities.add(type);
        for (const field of wordsOf(fields)) keys.add(`${type}.${field}`);
      }
      for (const field of definition.fields ?? []) {
        const name = `${type}.${field.name.value}`;
        if (isExternal(field)) externals.add(name);
        else add(owners, name, subgraph);
        for (const selection of argumentsOf(field.directives, 'requires', 'fields')) {
          requires.set(`${subgraph} ${name}`, selection);
          for (const word of wordsOf(selection)) required.add(`${type}.${word}`);
        }
      }
    }
  }

  return {
    entities,
    isKey: (type, field) => keys.has(`${type}.${field}`),
    ownersOf: (type, field) => owners.get(`${type}.${field}`) ?? [],
    requiresOf: (subgraph, type, field) => requires.get(`${subgraph} ${type}.${field}`),
    isRequired: (type, field) => required.has(`${type}.${field}`),
    isProvided: (type, field) => externals.has(`${type}.${field}`) && !required.has(`${type}.${field}`),
    membersIn: (subgraph, abstract) => members.get(`${subgraph} ${abstract}`) ?? [],
  };
}

const isExternal = ({ directives = [] }: FieldDefinitionNode) =>
  directives.some(({ name }) => name.value === 'external');

function argumentsOf(
  directives: readonly ConstDirectiveNode[] | undefined,
  directive: string,
  argument: string,
) {
  return (directives ?? [])
    .filter(({ name }) => name.value === directive)
    .flatMap(({ arguments: given = [] }) => given)
    .flatMap(({ name, value }) =>
      name.value === argument && value.kind === Kind.STRING ? [value.value] : [],
    );
}

const wordsOf = (selection: string) => selection.split(/\W+/).filter(Boolean);
