import {
  isAbstractType,
  Kind,
  type ConstDirectiveNode,
  type DirectiveNode,
  type FieldNode,
  type FragmentDefinitionNode,
  type GraphQLObjectType,
  type GraphQLInterfaceType,
  type GraphQLSchema,
  type SelectionNode,
  type SelectionSetNode,
} from 'graphql';

export type Fragments = ReadonlyMap<string, FragmentDefinitionNode>;

/** A place in a document where a field is selected; it counts when all its `@skip` and `@include` hold. */
export interface Occurrence {
  readonly conditions: readonly Condition[];
  readonly selectionSet: SelectionSetNode | undefined;
}

interface Condition {
  /** A variable's name, or the value itself. */
  readonly when: string | boolean;
  readonly is: boolean;
}

export interface SelectedField {
  readonly key: string;
  readonly node: FieldNode;
  readonly occurrences: Occurrence[];
}

/** The fields that the selections ask of an object of `type`, by response key, in the order of the document. */
export function selectFields(
  schema: GraphQLSchema,
  fragments: Fragments,
  type: GraphQLObjectType | GraphQLInterfaceType,
  occurrences: readonly Occurrence[],
): SelectedField[] {
  const fields = new Map<string, SelectedField>();

  function visit({ selections }: SelectionSetNode, outer: readonly Condition[]): void {
    for (const selection of selections) {
      const conditions = [...outer, ...conditionsOf(selection.directives)];
      if (selection.kind !== Kind.FIELD) {
        const fragment = fragmentOf(selection, fragments);
        if (fragment && applies(fragment.typeCondition?.name.value)) visit(fragment.selectionSet, conditions);
        continue;
      }
      const key = selection.alias?.value ?? selection.name.value;
      const occurrence = { conditions, selectionSet: selection.selectionSet };
      const known = fields.get(key);
      if (known) known.occurrences.push(occurrence);
      else fields.set(key, { key, node: selection, occurrences: [occurrence] });
    }
  }

  function applies(condition: string | undefined): boolean {
    const named = condition === undefined ? type : schema.getType(condition);
    return named === type || (isAbstractType(named) && schema.isSubType(named, type));
  }

  for (const { selectionSet, conditions } of occurrences) if (selectionSet) visit(selectionSet, conditions);
  return [...fields.values()];
}

export function fragmentOf(selection: Exclude<SelectionNode, FieldNode>, fragments: Fragments) {
  return selection.kind === Kind.INLINE_FRAGMENT ? selection : fragments.get(selection.name.value);
}

/** Null for a field that is always there. */
export function whenSelected({ occurrences }: SelectedField): readonly Occurrence[] | null {
  return occurrences.some(({ conditions }) => conditions.length === 0) ? null : occurrences;
}

export function isSelected(
  occurrences: readonly Occurrence[],
  variables: Readonly<Record<string, unknown>>,
): boolean {
  return occurrences.some(({ conditions }) =>
    conditions.every(({ when, is }) => (typeof when === 'boolean' ? when : variables[when]) === is),
  );
}

function conditionsOf(directives: readonly (DirectiveNode | ConstDirectiveNode)[] = []): Condition[] {
  return directives.flatMap(({ name, arguments: given = [] }) => {
    if (name.value !== 'skip' && name.value !== 'include') return [];
    const value = given.find((argument) => argument.name.value === 'if')?.value;
    const when =
      value?.kind === Kind.VARIABLE ? value.name.value : value?.kind === Kind.BOOLEAN && value.value;
    return [{ when: when ?? false, is: name.value === 'include' }];
  });
}
