import {
  isAbstractType,
  Kind,
  visit,
  type DirectiveNode,
  type FieldNode,
  type FragmentDefinitionNode,
  type GraphQLObjectType,
  type GraphQLInterfaceType,
  type GraphQLSchema,
  type OperationDefinitionNode,
  type SelectionNode,
  type SelectionSetNode,
} from 'graphql';
import { clientKeyOf, dataKeyOf } from './aliases.js';

export type Fragments = ReadonlyMap<string, FragmentDefinitionNode>;

/** What of a document counts: its fragments, and whether each `@skip` and `@include` holds. */
export interface Selecting {
  readonly schema: GraphQLSchema;
  readonly fragments: Fragments;
  readonly variables: Readonly<Record<string, unknown>>;
}

export interface SelectedField {
  /** Its key in the answer, and in the executor's data. */
  readonly key: string;
  readonly dataKey: string;
  readonly node: FieldNode;
  /** The selections below it, from every place where it is selected. */
  readonly selectionSets: SelectionSetNode[];
}

/** The fields that the selections ask of an object of `type`, by response key, in the order of the document. */
export function selectFields(
  { schema, fragments, variables }: Selecting,
  type: GraphQLObjectType | GraphQLInterfaceType,
  selectionSets: readonly SelectionSetNode[],
): SelectedField[] {
  const fields = new Map<string, SelectedField>();

  function read({ selections }: SelectionSetNode): void {
    for (const selection of selections) {
      if (!isIncluded(selection, variables)) continue;
      if (selection.kind !== Kind.FIELD) {
        const fragment = fragmentOf(selection, fragments);
        if (fragment && applies(fragment.typeCondition?.name.value)) read(fragment.selectionSet);
        continue;
      }
      const key = clientKeyOf(selection);
      const field = fields.get(key) ?? {
        key,
        dataKey: dataKeyOf(selection),
        node: selection,
        selectionSets: [],
      };
      if (selection.selectionSet) field.selectionSets.push(selection.selectionSet);
      fields.set(key, field);
    }
  }

  function applies(condition: string | undefined): boolean {
    const named = condition === undefined ? type : schema.getType(condition);
    return named === type || (isAbstractType(named) && schema.isSubType(named, type));
  }

  for (const selectionSet of selectionSets) read(selectionSet);
  return [...fields.values()];
}

export function fragmentOf(selection: Exclude<SelectionNode, FieldNode>, fragments: Fragments) {
  return selection.kind === Kind.INLINE_FRAGMENT ? selection : fragments.get(selection.name.value);
}

/** The variables that decide what is selected. */
export function conditionVariables(operation: OperationDefinitionNode, fragments: Fragments): string[] {
  const names = new Set<string>();
  const noteCondition = ({ name, arguments: given = [] }: DirectiveNode) => {
    if (name.value !== 'skip' && name.value !== 'include') return;
    for (const { value } of given) if (value.kind === Kind.VARIABLE) names.add(value.name.value);
  };
  for (const node of [operation, ...fragments.values()]) visit(node, { Directive: noteCondition });
  return [...names];
}

/** Whether the selection's `@skip` and `@include` let it count. */
export function isIncluded({ directives = [] }: SelectionNode, variables: Selecting['variables']): boolean {
  return directives.every(({ name, arguments: given = [] }) => {
    if (name.value !== 'skip' && name.value !== 'include') return true;
    const value = given.find((argument) => argument.name.value === 'if')?.value;
    const holds =
      value?.kind === Kind.VARIABLE
        ? variables[value.name.value]
        : value?.kind === Kind.BOOLEAN && value.value;
    return holds === (name.value === 'include');
  });
}
