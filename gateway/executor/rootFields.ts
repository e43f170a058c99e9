import {
  Kind,
  type DefinitionNode,
  type DocumentNode,
  type FieldNode,
  type SelectionNode,
  type SelectionSetNode,
} from 'graphql';
import type { ValidDocument } from './document.js';
import { fragmentOf, isIncluded, type Fragments, type Selecting } from './selectedFields.js';

/** The valid document's operation with only some of its root fields; null when none is left. */
export function keepRootFields(
  { operation, fragments }: ValidDocument,
  variables: Selecting['variables'],
  keep: (field: FieldNode) => boolean,
): DocumentNode | null {
  const selectionSet = filtered(operation.selectionSet, { fragments, variables }, keep);
  if (selectionSet.selections.length === 0) return null;
  const used = fragmentsUsedIn(selectionSet, fragments);
  const definitions: DefinitionNode[] = [{ ...operation, selectionSet }, ...used];
  return { kind: Kind.DOCUMENT, definitions };
}

/** Fragments are written out, because their other uses must stay whole. */
function filtered(
  { kind, selections }: SelectionSetNode,
  selecting: Pick<Selecting, 'fragments' | 'variables'>,
  keep: (field: FieldNode) => boolean,
): SelectionSetNode {
  return {
    kind,
    selections: selections.flatMap((selection): SelectionNode[] => {
      if (!isIncluded(selection, selecting.variables)) return [];
      if (selection.kind === Kind.FIELD) return keep(selection) ? [selection] : [];
      const fragment = fragmentOf(selection, selecting.fragments);
      if (!fragment) return [];
      const { typeCondition } = fragment;
      const selectionSet = filtered(fragment.selectionSet, selecting, keep);
      if (selectionSet.selections.length === 0) return [];
      const directives = selection.directives ?? [];
      return [
        { kind: Kind.INLINE_FRAGMENT, directives, selectionSet, ...(typeCondition && { typeCondition }) },
      ];
    }),
  };
}

function fragmentsUsedIn(selectionSet: SelectionSetNode, fragments: Fragments): DefinitionNode[] {
  const used = new Set<DefinitionNode>();
  function visit({ selections }: SelectionSetNode) {
    for (const selection of selections) {
      if (selection.kind === Kind.FRAGMENT_SPREAD) {
        const fragment = fragments.get(selection.name.value);
        if (!fragment || used.has(fragment)) continue;
        used.add(fragment);
        visit(fragment.selectionSet);
      } else if (selection.selectionSet) visit(selection.selectionSet);
    }
  }
  visit(selectionSet);
  return [...used];
}
